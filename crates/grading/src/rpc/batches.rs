//! `korrigo.grading.v1.Batches`.

use contracts::grading as pb;
use contracts::grading::batches_server::Batches;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{authorize_batch, discard_batch, get_batch, list_batches, register_batch};

#[tonic::async_trait]
impl Batches for Rpc {
    async fn authorize_upload(
        &self,
        request: Request<pb::AuthorizeBatchRequest>,
    ) -> Result<Response<pb::AuthorizeBatchReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(authorize_batch::run(&self.app.for_bulk(), session, request).await)
    }

    async fn register(
        &self,
        request: Request<pb::RegisterBatchRequest>,
    ) -> Result<Response<pb::RegisterBatchReply>, Status> {
        let (session, request) = self.signed(request)?;
        let register = async move |app: App| register_batch::run(&app, session, request).await;
        reply(self.in_bulk(register).await)
    }

    async fn list(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_batches::run(&self.app, session, request).await)
    }

    async fn get(&self, request: Request<pb::GetBatchRequest>) -> Result<Response<pb::Batch>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_batch::run(&self.app, session, request).await)
    }

    async fn discard(
        &self,
        request: Request<pb::DiscardBatchRequest>,
    ) -> Result<Response<pb::DiscardBatchReply>, Status> {
        let (session, request) = self.signed(request)?;
        let discard = async move |app: App| discard_batch::run(&app, session, request).await;
        reply(self.in_bulk(discard).await)
    }
}
