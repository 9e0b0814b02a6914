//! `korrigo.grading.v1.Audit`.

use std::pin::Pin;

use contracts::grading as pb;
use contracts::grading::audit_server::Audit;
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply, status};
use crate::use_cases::{export_audit, list_audit_events, list_checkpoints};

#[tonic::async_trait]
impl Audit for Rpc {
    type ExportStream = Pin<Box<dyn Stream<Item = Result<pb::ExportedAudit, Status>> + Send>>;

    async fn list_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_audit_events::run(&self.app, session, request).await)
    }

    async fn export(
        &self,
        request: Request<pb::ExportAuditRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let (session, request) = self.signed(request)?;
        let export = async move |app: App| export_audit::run(&app, session, request).await;
        let parts = self.in_bulk(export).await.map_err(status)?;
        Ok(Response::new(Box::pin(parts.map(|part| part.map_err(status)))))
    }

    async fn list_checkpoints(
        &self,
        request: Request<pb::ListCheckpointsRequest>,
    ) -> Result<Response<pb::ListCheckpointsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_checkpoints::run(&self.app, session, request).await)
    }
}
