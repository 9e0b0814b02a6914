use contracts::grading as pb;
use contracts::grading::sessions_server::Sessions;
use contracts::{Code, Problem};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{ADMIN, Known};

#[tonic::async_trait]
impl Sessions for Known {
    async fn open(
        &self,
        request: Request<pb::OpenSessionRequest>,
    ) -> Result<Response<pb::OpenSessionReply>, Status> {
        self.asked("open", &request)?;
        let asked = request.into_inner();
        if (asked.login.as_str(), asked.password.as_str()) != ("admin", "correct horse") {
            return Err(Problem::of(Code::BadCredentials).into());
        }
        Ok(Response::new(pb::OpenSessionReply {
            token: ADMIN.to_owned(),
            expires_at: Some(Timestamp {
                seconds: 1_781_512_200,
                nanos: 0,
            }),
            user: Some(pb::User {
                id: "0197c000-0000-7000-8000-0000000000aa".to_owned(),
                role: "ADMIN".to_owned(),
                display_name: "Camille Exemple".to_owned(),
                must_change_password: false,
            }),
        }))
    }

    async fn current(
        &self,
        request: Request<pb::CurrentSessionRequest>,
    ) -> Result<Response<pb::User>, Status> {
        self.signed("current", &request).map(Response::new)
    }

    async fn close(
        &self,
        request: Request<pb::CloseSessionRequest>,
    ) -> Result<Response<pb::CloseSessionReply>, Status> {
        self.signed("close", &request)?;
        Ok(Response::new(pb::CloseSessionReply {}))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordReply>, Status> {
        self.signed("change_password", &request)?;
        Ok(Response::new(pb::ChangePasswordReply {}))
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Result<Response<pb::AcceptInvitationReply>, Status> {
        self.asked("accept_invitation", &request)?;
        Ok(Response::new(pb::AcceptInvitationReply {}))
    }
}
