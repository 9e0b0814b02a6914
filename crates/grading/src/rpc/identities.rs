//! `korrigo.grading.v1.Identities`.

use contracts::grading as pb;
use contracts::grading::identities_server::Identities;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{
    clear_identity, order_reading, order_readings, queue_identities, set_identity, show_identity,
    suggest_pupils,
};

#[tonic::async_trait]
impl Identities for Rpc {
    async fn queue(
        &self,
        request: Request<pb::QueueIdentitiesRequest>,
    ) -> Result<Response<pb::QueueIdentitiesReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(queue_identities::run(&self.app, session, request).await)
    }

    async fn show(
        &self,
        request: Request<pb::ShowIdentityRequest>,
    ) -> Result<Response<pb::PageImage>, Status> {
        let (session, request) = self.signed(request)?;
        let show = async move |app: App| show_identity::run(&app, session, request).await;
        reply(self.to_its_end(show).await)
    }

    async fn set(&self, request: Request<pb::SetIdentityRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_identity::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }

    async fn clear(&self, request: Request<pb::ClearIdentityRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let clear = async move |app: App| clear_identity::run(&app, session, request).await;
        reply(self.to_its_end(clear).await)
    }

    async fn order_reading(
        &self,
        request: Request<pb::OrderReadingRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        let (session, request) = self.signed(request)?;
        let order = async move |app: App| order_reading::run(&app, session, request).await;
        reply(self.to_its_end(order).await)
    }

    async fn order_readings(
        &self,
        request: Request<pb::OrderReadingsRequest>,
    ) -> Result<Response<pb::OrderReadingsReply>, Status> {
        let (session, request) = self.signed(request)?;
        let order = async move |app: App| order_readings::run(&app, session, request).await;
        reply(self.in_bulk(order).await)
    }

    async fn suggest(
        &self,
        request: Request<pb::SuggestRequest>,
    ) -> Result<Response<pb::SuggestReply>, Status> {
        let (session, request) = self.signed(request)?;
        // What was compared is there for the next who asks, also if this one has gone away.
        let suggest = async move |app: App| suggest_pupils::run(&app, session, request).await;
        reply(self.to_its_end(suggest).await)
    }
}
