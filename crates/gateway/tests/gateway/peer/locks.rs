use contracts::grading as pb;
use contracts::grading::locks_server::Locks;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{COPY, Known, LOCK, copies, moment, only};

/// Refuses who does not show the token, also who shows none.
fn proven(lock_token: &str) -> Result<(), Status> {
    if lock_token == LOCK {
        Ok(())
    } else {
        Err(Problem::of(Code::TokenMismatch).into())
    }
}

#[tonic::async_trait]
impl Locks for Known {
    /// Who wishes for the longest lock had it already.
    async fn acquire(
        &self,
        request: Request<pb::AcquireLockRequest>,
    ) -> Result<Response<pb::AcquireLockReply>, Status> {
        self.signed("acquire", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let ttl = request.get_ref().ttl_seconds.unwrap_or(600);
        if !(60..=3600).contains(&ttl) {
            return Err(Problem::field("/ttl_seconds", FieldCode::OutOfRange).into());
        }
        Ok(Response::new(pb::AcquireLockReply {
            token: LOCK.to_owned(),
            fence: 4,
            expires_at: Some(moment(i64::from(ttl))),
            server_time: Some(moment(0)),
            renewed: ttl == 3600,
        }))
    }

    async fn heartbeat(
        &self,
        request: Request<pb::HeartbeatLockRequest>,
    ) -> Result<Response<pb::HeartbeatLockReply>, Status> {
        self.signed("heartbeat", &request)?;
        proven(&request.get_ref().lock_token)?;
        Ok(Response::new(pb::HeartbeatLockReply {
            expires_at: Some(moment(600)),
            server_time: Some(moment(0)),
        }))
    }

    async fn release(
        &self,
        request: Request<pb::ReleaseLockRequest>,
    ) -> Result<Response<pb::ReleaseLockReply>, Status> {
        self.signed("release", &request)?;
        proven(&request.get_ref().lock_token)?;
        Ok(Response::new(pb::ReleaseLockReply {}))
    }

    async fn get(&self, request: Request<pb::GetLockRequest>) -> Result<Response<pb::LockStatus>, Status> {
        self.signed("get_lock", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(pb::LockStatus::default()))
    }

    async fn force_release(
        &self,
        request: Request<pb::ForceReleaseLockRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        self.signed("force_release", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(copies::ready(self)))
    }
}
