//! `korrigo.grading.v1.Work`. What workers say comes in bulk: a heap of imports must not slow who corrects.

use contracts::grading as pb;
use contracts::grading::work_server::Work;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{
    claim_job, complete_archive, complete_finalize, complete_import, complete_reading, complete_split,
    fail_job, find_unreferenced, hand_back_job, heartbeat_job,
};

#[tonic::async_trait]
impl Work for Rpc {
    async fn claim(&self, request: Request<pb::ClaimRequest>) -> Result<Response<pb::ClaimReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| claim_job::run(&app, request).await)
                .await,
        )
    }

    async fn heartbeat(
        &self,
        request: Request<pb::HeartbeatRequest>,
    ) -> Result<Response<pb::HeartbeatReply>, Status> {
        reply(heartbeat_job::run(&self.app.for_bulk(), request.into_inner()).await)
    }

    async fn complete_import(
        &self,
        request: Request<pb::CompleteImportRequest>,
    ) -> Result<Response<pb::CompleteImportReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| complete_import::run(&app, request).await)
                .await,
        )
    }

    async fn complete_finalize(
        &self,
        request: Request<pb::CompleteFinalizeRequest>,
    ) -> Result<Response<pb::CompleteFinalizeReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| complete_finalize::run(&app, request).await)
                .await,
        )
    }

    async fn complete_split(
        &self,
        request: Request<pb::CompleteSplitRequest>,
    ) -> Result<Response<pb::CompleteSplitReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| complete_split::run(&app, request).await)
                .await,
        )
    }

    async fn complete_reading(
        &self,
        request: Request<pb::CompleteReadingRequest>,
    ) -> Result<Response<pb::CompleteReadingReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| complete_reading::run(&app, request).await)
                .await,
        )
    }

    async fn complete_archive(
        &self,
        request: Request<pb::CompleteArchiveRequest>,
    ) -> Result<Response<pb::CompleteArchiveReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| complete_archive::run(&app, request).await)
                .await,
        )
    }

    async fn fail(&self, request: Request<pb::FailRequest>) -> Result<Response<pb::FailReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| fail_job::run(&app, request).await)
                .await,
        )
    }

    async fn hand_back(
        &self,
        request: Request<pb::HandBackRequest>,
    ) -> Result<Response<pb::HandBackReply>, Status> {
        let request = request.into_inner();
        reply(
            self.in_bulk(async move |app: App| hand_back_job::run(&app, request).await)
                .await,
        )
    }

    async fn find_unreferenced(
        &self,
        request: Request<pb::FindUnreferencedRequest>,
    ) -> Result<Response<pb::FindUnreferencedReply>, Status> {
        reply(find_unreferenced::run(&self.app.for_bulk(), request.into_inner()).await)
    }
}
