use contracts::grading as pb;
use contracts::grading::identities_server::Identities;
use contracts::{Code, Problem};
use tonic::{Request, Response, Status};

use super::{COPY, EXAM, JOB, Known, USER, only};

fn copy(identity: Option<pb::Identity>) -> pb::Copy {
    pb::Copy {
        id: COPY.to_owned(),
        exam_id: EXAM.to_owned(),
        status: "READY".to_owned(),
        version: 2,
        created_at: Some(super::moment(0)),
        identity,
        ..pb::Copy::default()
    }
}

#[tonic::async_trait]
impl Identities for Known {
    async fn queue(
        &self,
        request: Request<pb::QueueIdentitiesRequest>,
    ) -> Result<Response<pb::QueueIdentitiesReply>, Status> {
        self.administered("queue_identities", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::QueueIdentitiesReply {
            copies: vec![copy(None)],
            next_cursor: "more".to_owned(),
        }))
    }

    async fn show(
        &self,
        request: Request<pb::ShowIdentityRequest>,
    ) -> Result<Response<pb::PageImage>, Status> {
        self.administered("show_identity", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let image = self.image().clone();
        image
            .map(Response::new)
            .ok_or_else(|| Problem::of(Code::NoPages).into())
    }

    async fn set(&self, request: Request<pb::SetIdentityRequest>) -> Result<Response<pb::Copy>, Status> {
        self.administered("set_identity", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        if request.get_ref().student_id != USER {
            return Err(Problem::of(Code::StudentHasCopy).into());
        }
        Ok(Response::new(copy(Some(pb::Identity {
            student_id: USER.to_owned(),
            surname: "EXEMPLE".to_owned(),
            given_names: "Alix".to_owned(),
            class: String::new(),
        }))))
    }

    async fn clear(&self, request: Request<pb::ClearIdentityRequest>) -> Result<Response<pb::Copy>, Status> {
        self.administered("clear_identity", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(copy(None)))
    }

    async fn order_reading(
        &self,
        request: Request<pb::OrderReadingRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        self.administered("order_reading", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(pb::StartedJob {
            job_id: JOB.to_owned(),
        }))
    }

    async fn order_readings(
        &self,
        request: Request<pb::OrderReadingsRequest>,
    ) -> Result<Response<pb::OrderReadingsReply>, Status> {
        self.administered("order_readings", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::OrderReadingsReply { queued: 7 }))
    }

    async fn suggest(
        &self,
        request: Request<pb::SuggestRequest>,
    ) -> Result<Response<pb::SuggestReply>, Status> {
        self.administered("suggest_pupils", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(pb::SuggestReply {
            reading_available: true,
            suggestions: vec![pb::Suggestion {
                student: Some(pb::Identity {
                    student_id: USER.to_owned(),
                    surname: "EXEMPLE".to_owned(),
                    given_names: "Alix".to_owned(),
                    class: String::new(),
                }),
                likelihood: 873,
            }],
        }))
    }
}
