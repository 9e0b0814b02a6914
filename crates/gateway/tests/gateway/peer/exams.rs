use contracts::grading as pb;
use contracts::grading::exams_server::Exams;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{COPY, EXAM, JOB, Known, USER, only};

fn exam(name: &str) -> pb::Exam {
    pb::Exam {
        id: EXAM.to_owned(),
        name: name.to_owned(),
        date: "2026-06-15".to_owned(),
        layout: "A4".to_owned(),
        version: 3,
        max: "20".to_owned(),
        ..pb::Exam::default()
    }
}

/// Refuses who has not read the current version.
fn current(version: i64) -> Result<(), Status> {
    if version == 3 {
        Ok(())
    } else {
        Err(Problem::of(Code::StaleVersion).into())
    }
}

#[tonic::async_trait]
impl Exams for Known {
    async fn create(&self, request: Request<pb::CreateExamRequest>) -> Result<Response<pb::Exam>, Status> {
        let user = self.signed("create_exam", &request)?;
        self.hangs("create_exam").await;
        if user.role != "ADMIN" {
            return Err(Problem::of(Code::Forbidden).into());
        }
        let asked = request.into_inner();
        if asked.name.is_empty() {
            return Err(Problem::field("/name", FieldCode::Required).into());
        }
        Ok(Response::new(pb::Exam {
            identity_zone: asked.identity_zone,
            ..exam(&asked.name)
        }))
    }

    async fn update(&self, request: Request<pb::UpdateExamRequest>) -> Result<Response<pb::Exam>, Status> {
        self.signed("update_exam", &request)?;
        let asked = request.into_inner();
        only(EXAM, &asked.id)?;
        current(asked.if_version)?;
        Ok(Response::new(pb::Exam {
            pages_per_copy: asked.pages_per_copy.and_then(|change| change.to),
            identity_zone: asked.identity_zone.and_then(|change| change.to),
            correctors: asked.correctors.unwrap_or_default().to,
            version: 4,
            ..exam(&asked.name.unwrap_or_default())
        }))
    }

    async fn set_marking_scheme(
        &self,
        request: Request<pb::SetMarkingSchemeRequest>,
    ) -> Result<Response<pb::Exam>, Status> {
        self.signed("set_marking_scheme", &request)?;
        let asked = request.into_inner();
        only(EXAM, &asked.exam_id)?;
        current(asked.if_version)?;
        let scheme = asked.scheme.unwrap_or_default();
        domain::MarkingScheme::try_from(&scheme)?;
        Ok(Response::new(pb::Exam {
            marking_scheme: Some(scheme),
            version: 4,
            ..exam("Mathématiques")
        }))
    }

    async fn validate_all(
        &self,
        request: Request<pb::ValidateAllRequest>,
    ) -> Result<Response<pb::ValidateAllReply>, Status> {
        self.signed("validate_all", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let refused = pb::RefusedCopy {
            copy_id: COPY.to_owned(),
            code: "no_pages".to_owned(),
        };
        Ok(Response::new(pb::ValidateAllReply {
            validated: 7,
            refused: vec![refused],
        }))
    }

    async fn dispatch(
        &self,
        request: Request<pb::DispatchRequest>,
    ) -> Result<Response<pb::DispatchReply>, Status> {
        self.signed("dispatch", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let assigned = pb::Share {
            user_id: USER.to_owned(),
            copies: 12,
        };
        Ok(Response::new(pb::DispatchReply {
            run_id: JOB.to_owned(),
            assigned: vec![assigned],
            kept: request.into_inner().absent,
        }))
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Result<Response<pb::Progress>, Status> {
        let user = self.signed("get_progress", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let counts = pb::Counts {
            staging: 1,
            ready: 2,
            locked: 3,
            grading_in_progress: 4,
            graded: 5,
            grading_failed: 6,
        };
        let nobodys = pb::CorrectorProgress {
            user_id: String::new(),
            counts: Some(counts),
        };
        let is_admin = user.role == "ADMIN";
        Ok(Response::new(pb::Progress {
            all: Some(counts),
            own: (!is_admin).then_some(counts),
            correctors: is_admin.then_some(nobodys).into_iter().collect(),
            tells_correctors: is_admin,
        }))
    }

    async fn get_statistics(
        &self,
        request: Request<pb::GetStatisticsRequest>,
    ) -> Result<Response<pb::Statistics>, Status> {
        self.signed("get_statistics", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let question = pb::QuestionStatistics {
            question_id: "1.a".to_owned(),
            max_points: "2".to_owned(),
            mean: "1.25".to_owned(),
            difficulty: "0.63".to_owned(),
            discrimination: String::new(),
        };
        let lot = pb::LotStatistics {
            graded: 1,
            mean: "1.25".to_owned(),
            median: "1.25".to_owned(),
            deviation: "0.00".to_owned(),
            lower_quartile: "1.25".to_owned(),
            upper_quartile: "1.25".to_owned(),
            lowest: "1.25".to_owned(),
            highest: "1.25".to_owned(),
            histogram: vec![0, 1],
            questions: vec![question],
        };
        Ok(Response::new(pb::Statistics {
            max: "2".to_owned(),
            all: Some(lot),
            own: None,
        }))
    }

    async fn get(&self, request: Request<pb::GetExamRequest>) -> Result<Response<pb::Exam>, Status> {
        self.signed("get_exam", &request)?;
        only(EXAM, &request.get_ref().id)?;
        Ok(Response::new(exam("Mathématiques")))
    }

    async fn list(
        &self,
        request: Request<pb::ListExamsRequest>,
    ) -> Result<Response<pb::ListExamsReply>, Status> {
        self.signed("list_exams", &request)?;
        self.hangs("list_exams").await;
        let last = !request.get_ref().cursor.is_empty();
        let next_cursor = if last {
            String::new()
        } else {
            "after this & that".to_owned()
        };
        Ok(Response::new(pb::ListExamsReply {
            exams: vec![exam("Mathématiques")],
            next_cursor,
        }))
    }
}
