use std::pin::Pin;

use contracts::grading as pb;
use contracts::grading::jobs_server::Jobs;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::{JOB, Known, only};

#[tonic::async_trait]
impl Jobs for Known {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<pb::Job, Status>> + Send>>;

    async fn get(&self, request: Request<pb::GetJobRequest>) -> Result<Response<pb::Job>, Status> {
        self.signed("get_job", &request)?;
        only(JOB, &request.get_ref().id)?;
        Ok(Response::new(self.0.job.borrow().clone()))
    }

    async fn cancel(&self, request: Request<pb::CancelJobRequest>) -> Result<Response<pb::Job>, Status> {
        self.signed("cancel_job", &request)?;
        only(JOB, &request.get_ref().id)?;
        let mut job = self.0.job.borrow().clone();
        job.state = "CANCELLED".to_owned();
        Ok(Response::new(job))
    }

    async fn retry(
        &self,
        _request: Request<pb::RetryJobRequest>,
    ) -> Result<Response<pb::RetryJobReply>, Status> {
        Err(Status::unimplemented("the gateway does not call it"))
    }

    async fn dismiss_letter(
        &self,
        _request: Request<pb::DismissLetterRequest>,
    ) -> Result<Response<pb::DismissLetterReply>, Status> {
        Err(Status::unimplemented("the gateway does not call it"))
    }

    async fn watch(
        &self,
        request: Request<pb::WatchJobRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        self.signed("watch", &request)?;
        let after = request.get_ref().after_revision;
        let changes = WatchStream::new(self.0.job.subscribe());
        Ok(Response::new(Box::pin(
            changes.filter(move |job| job.revision > after).map(Ok),
        )))
    }
}
