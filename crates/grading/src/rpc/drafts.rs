//! `korrigo.grading.v1.Drafts`.

use contracts::grading as pb;
use contracts::grading::drafts_server::Drafts;
use tonic::{Request, Response, Status};

use crate::rpc::{Rpc, reply};
use crate::use_cases::{delete_draft, get_draft, put_draft};

#[tonic::async_trait]
impl Drafts for Rpc {
    async fn get(
        &self,
        request: Request<pb::GetDraftRequest>,
    ) -> Result<Response<pb::GetDraftReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_draft::run(&self.app, session, request).await)
    }

    async fn put(&self, request: Request<pb::PutDraftRequest>) -> Result<Response<pb::Draft>, Status> {
        let (session, request) = self.signed(request)?;
        reply(put_draft::run(&self.app.for_changes(), session, request).await)
    }

    async fn delete(
        &self,
        request: Request<pb::DeleteDraftRequest>,
    ) -> Result<Response<pb::DeleteDraftReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(delete_draft::run(&self.app.for_changes(), session, request).await)
    }
}
