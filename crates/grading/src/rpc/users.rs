//! `korrigo.grading.v1.Users`.

use contracts::grading as pb;
use contracts::grading::users_server::Users;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{create_user, get_user, invite_user, list_users, update_user};

#[tonic::async_trait]
impl Users for Rpc {
    async fn list(
        &self,
        request: Request<pb::ListUsersRequest>,
    ) -> Result<Response<pb::ListUsersReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_users::run(&self.app, session, request).await)
    }

    async fn create(
        &self,
        request: Request<pb::CreateUserRequest>,
    ) -> Result<Response<pb::CreateUserReply>, Status> {
        let (session, request) = self.signed(request)?;
        let create = async move |app: App| create_user::run(&app, session, request).await;
        reply(self.to_its_end(create).await)
    }

    async fn get(&self, request: Request<pb::GetUserRequest>) -> Result<Response<pb::UserAccount>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_user::run(&self.app, session, request).await)
    }

    async fn update(
        &self,
        request: Request<pb::UpdateUserRequest>,
    ) -> Result<Response<pb::UserAccount>, Status> {
        let (session, request) = self.signed(request)?;
        let update = async move |app: App| update_user::run(&app, session, request).await;
        reply(self.to_its_end(update).await)
    }

    async fn invite(
        &self,
        request: Request<pb::InviteUserRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let (session, request) = self.signed(request)?;
        let invite = async move |app: App| invite_user::run(&app, session, request).await;
        reply(self.to_its_end(invite).await)
    }
}
