//! `korrigo.grading.v1.Jobs`.

use std::pin::Pin;

use contracts::grading as pb;
use contracts::grading::jobs_server::Jobs;
use futures::Stream;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply, status};
use crate::use_cases::{cancel_job, dismiss_letter, get_job, retry_job, watch_job};

#[tonic::async_trait]
impl Jobs for Rpc {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<pb::Job, Status>> + Send>>;

    async fn get(&self, request: Request<pb::GetJobRequest>) -> Result<Response<pb::Job>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_job::run(&self.app, session, request).await)
    }

    async fn cancel(&self, request: Request<pb::CancelJobRequest>) -> Result<Response<pb::Job>, Status> {
        let (session, request) = self.signed(request)?;
        let cancel = async move |app: App| cancel_job::run(&app, session, request).await;
        reply(self.to_its_end(cancel).await)
    }

    async fn retry(
        &self,
        request: Request<pb::RetryJobRequest>,
    ) -> Result<Response<pb::RetryJobReply>, Status> {
        let (session, request) = self.signed(request)?;
        let retry = async move |app: App| retry_job::run(&app, session, request).await;
        reply(self.to_its_end(retry).await)
    }

    async fn dismiss_letter(
        &self,
        request: Request<pb::DismissLetterRequest>,
    ) -> Result<Response<pb::DismissLetterReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(dismiss_letter::run(&self.app, session, request).await)
    }

    async fn watch(
        &self,
        request: Request<pb::WatchJobRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let (session, request) = self.signed(request)?;
        let changes = watch_job::run(&self.app, session, request)
            .await
            .map_err(status)?;
        Ok(Response::new(Box::pin(futures::StreamExt::map(
            changes,
            |change| change.map_err(status),
        ))))
    }
}
