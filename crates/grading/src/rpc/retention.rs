//! `korrigo.grading.v1.Retention`.

use contracts::grading as pb;
use contracts::grading::retention_server::Retention;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{erase_pupil, purge_expired, report_retention};

#[tonic::async_trait]
impl Retention for Rpc {
    async fn report(
        &self,
        request: Request<pb::ReportRetentionRequest>,
    ) -> Result<Response<pb::ReportRetentionReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(report_retention::run(&self.app, session, request).await)
    }

    async fn purge(&self, request: Request<pb::PurgeRequest>) -> Result<Response<pb::PurgeReply>, Status> {
        let (session, request) = self.signed(request)?;
        let purge = async move |app: App| purge_expired::run(&app, session, request).await;
        reply(self.in_bulk(purge).await)
    }

    async fn erase_pupil(
        &self,
        request: Request<pb::ErasePupilRequest>,
    ) -> Result<Response<pb::ErasePupilReply>, Status> {
        let (session, request) = self.signed(request)?;
        let erase = async move |app: App| erase_pupil::run(&app, session, request).await;
        reply(self.to_its_end(erase).await)
    }
}
