use contracts::grading as pb;
use contracts::grading::students_server::Students;
use tonic::{Request, Response, Status, Streaming};

use super::{Known, USER, only};

/// The first bytes by which the peer knows a list that it does not want the rest of.
pub const UNWANTED: &[u8] = b"unwanted";

fn student() -> pb::Student {
    pb::Student {
        id: USER.to_owned(),
        surname: "EXEMPLE".to_owned(),
        given_names: "Alix".to_owned(),
        class: "1re B".to_owned(),
        ..pb::Student::default()
    }
}

#[tonic::async_trait]
impl Students for Known {
    async fn import(
        &self,
        request: Request<Streaming<pb::ImportStudentsRequest>>,
    ) -> Result<Response<pb::ImportStudentsReply>, Status> {
        let (metadata, extensions, mut pieces) = request.into_parts();
        self.administered("import_students", &Request::from_parts(metadata, extensions, ()))?;
        let mut list = Vec::new();
        while let Some(message) = pieces.message().await? {
            list.extend_from_slice(&message.piece);
            if list.starts_with(UNWANTED) {
                return Err(contracts::Problem::of(contracts::Code::TooLarge).into());
            }
            if message.last {
                return Ok(Response::new(pb::ImportStudentsReply {
                    created: u32::try_from(list.len()).unwrap(),
                    refused: vec![pb::RefusedLine {
                        line: 3,
                        code: "bad_date".to_owned(),
                    }],
                    ..pb::ImportStudentsReply::default()
                }));
            }
        }
        Err(contracts::Problem::of(contracts::Code::RequestTimeout).into())
    }

    async fn list(
        &self,
        request: Request<pb::ListStudentsRequest>,
    ) -> Result<Response<pb::ListStudentsReply>, Status> {
        self.administered("list_students", &request)?;
        Ok(Response::new(pb::ListStudentsReply {
            students: vec![student()],
            next_cursor: "more".to_owned(),
        }))
    }

    async fn get(&self, request: Request<pb::GetStudentRequest>) -> Result<Response<pb::Student>, Status> {
        self.administered("get_student", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(student()))
    }

    async fn update(
        &self,
        request: Request<pb::UpdateStudentRequest>,
    ) -> Result<Response<pb::Student>, Status> {
        self.administered("update_student", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(student()))
    }

    async fn invite(
        &self,
        request: Request<pb::InviteStudentRequest>,
    ) -> Result<Response<pb::InviteStudentReply>, Status> {
        self.administered("invite_student", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(pb::InviteStudentReply {
            user: Some(super::users::account("alix")),
            invitation: Some(super::users::invitation()),
        }))
    }
}
