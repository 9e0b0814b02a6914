//! `korrigo.grading.v1.Sessions`.

use contracts::grading as pb;
use contracts::grading::sessions_server::Sessions;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{accept_invitation, change_password, close_session, current_session, open_session};

#[tonic::async_trait]
impl Sessions for Rpc {
    async fn open(
        &self,
        request: Request<pb::OpenSessionRequest>,
    ) -> Result<Response<pb::OpenSessionReply>, Status> {
        let request = request.into_inner();
        // A failure counts also if nobody waits for the answer.
        reply(
            self.to_its_end(async move |app: App| open_session::run(&app, request).await)
                .await,
        )
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
        reply(close_session::run(&self.app.for_changes(), session).await)
    }
    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(
            self.to_its_end(async move |app: App| change_password::run(&app, session, request).await)
                .await,
        )
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Result<Response<pb::AcceptInvitationReply>, Status> {
        let request = request.into_inner();
        reply(
            self.to_its_end(async move |app: App| accept_invitation::run(&app, request).await)
                .await,
        )
    }
}
