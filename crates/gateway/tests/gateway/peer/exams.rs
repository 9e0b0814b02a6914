use contracts::grading as pb;
use contracts::grading::exams_server::Exams;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{COPY, EXAM, Known, only};

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
