use contracts::grading as pb;
use contracts::grading::users_server::Users;
use contracts::{Code, FieldCode, Problem};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{Known, USER, only};

/// The token of the one invitation.
pub const INVITATION: &str = "token-of-an-invitation";

pub(super) fn account(login: &str) -> pb::UserAccount {
    pb::UserAccount {
        id: USER.to_owned(),
        role: "TEACHER".to_owned(),
        login: login.to_owned(),
        display_name: "Dominique Exemple".to_owned(),
        disabled: false,
        invited: true,
        created_at: Some(Timestamp {
            seconds: 1_781_512_200,
            nanos: 0,
        }),
    }
}

pub(super) fn invitation() -> pb::Invitation {
    pb::Invitation {
        token: INVITATION.to_owned(),
        expires_at: Some(Timestamp {
            seconds: 1_782_117_000,
            nanos: 0,
        }),
    }
}

impl Known {
    /// Notes a call of an administrator.
    pub(super) fn administered<M: std::fmt::Debug>(
        &self,
        method: &'static str,
        request: &Request<M>,
    ) -> Result<(), Status> {
        match self.signed(method, request)?.role.as_str() {
            "ADMIN" => Ok(()),
            _ => Err(Problem::of(Code::Forbidden).into()),
        }
    }
}

#[tonic::async_trait]
impl Users for Known {
    async fn list(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersReply>, Status> {
        self.administered("list_users", &request)?;
        Ok(Response::new(pb::ListUsersReply {
            users: vec![account("dominique")],
            next_cursor: "more".to_owned(),
        }))
    }

    async fn create(
        &self,
        request: Request<pb::CreateUserRequest>,
    ) -> Result<Response<pb::CreateUserReply>, Status> {
        self.administered("create_user", &request)?;
        if request.get_ref().login == "admin" {
            return Err(Problem::field("/login", FieldCode::Taken).into());
        }
        Ok(Response::new(pb::CreateUserReply {
            user: Some(account(&request.get_ref().login)),
            invitation: Some(invitation()),
        }))
    }

    async fn get(&self, request: Request<pb::GetUserRequest>) -> Result<Response<pb::UserAccount>, Status> {
        self.administered("get_user", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(account("dominique")))
    }

    async fn update(
        &self,
        request: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::UserAccount>, Status> {
        self.administered("update_user", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(pb::UserAccount {
            disabled: request.get_ref().disabled(),
            ..account("dominique")
        }))
    }

    async fn invite(
        &self,
        request: Request<pb::InviteUserRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        self.administered("invite_user", &request)?;
        only(USER, &request.get_ref().id)?;
        Ok(Response::new(invitation()))
    }
}
