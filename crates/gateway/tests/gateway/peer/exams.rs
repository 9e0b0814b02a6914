use contracts::grading as pb;
use contracts::grading::exams_server::Exams;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{EXAM, Known, only};

fn exam(name: &str) -> pb::Exam {
    pb::Exam {
        id: EXAM.to_owned(),
        name: name.to_owned(),
        date: "2026-06-15".to_owned(),
        layout: "A4".to_owned(),
        version: 3,
        ..pb::Exam::default()
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
