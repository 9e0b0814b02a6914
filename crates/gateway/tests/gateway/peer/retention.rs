use contracts::Code;
use contracts::grading as pb;
use contracts::grading::retention_server::Retention;
use tonic::{Request, Response, Status};

use super::{Known, PUPIL, only};

#[tonic::async_trait]
impl Retention for Known {
    async fn report(
        &self,
        _request: Request<pb::ReportRetentionRequest>,
    ) -> Result<Response<pb::ReportRetentionReply>, Status> {
        Err(contracts::Problem::of(Code::Internal).into())
    }

    async fn purge(&self, _request: Request<pb::PurgeRequest>) -> Result<Response<pb::PurgeReply>, Status> {
        Err(contracts::Problem::of(Code::Internal).into())
    }

    async fn erase_pupil(
        &self,
        request: Request<pb::ErasePupilRequest>,
    ) -> Result<Response<pb::ErasePupilReply>, Status> {
        self.administered("erase_pupil", &request)?;
        only(PUPIL, &request.get_ref().id)?;
        Ok(Response::new(pb::ErasePupilReply { copies: 1 }))
    }
}
