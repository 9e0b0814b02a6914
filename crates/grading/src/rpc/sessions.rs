//! `korrigo.grading.v1.Sessions`.

use contracts::grading as pb;
use contracts::grading::sessions_server::Sessions;
use tonic::{Request, Response, Status};

use crate::rpc::{Rpc, reply};
use crate::use_cases::{close_session, current_session, open_session};

#[tonic::async_trait]
impl Sessions for Rpc {
    async fn open(
        &self,
        request: Request<pb::OpenSessionRequest>,
    ) -> Result<Response<pb::OpenSessionReply>, Status> {
        reply(open_session::run(&self.app, request.into_inner()).await)
    }

    async fn current(
        &self,
        request: Request<pb::CurrentSessionRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let (session, _) = self.signed(request)?;
        reply(current_session::run(&self.app, session).await)
    }

    async fn close(
        &self,
        request: Request<pb::CloseSessionRequest>,
    ) -> Result<Response<pb::CloseSessionReply>, Status> {
        let (session, _) = self.signed(request)?;
        reply(close_session::run(&self.app, session).await)
    }
}
