//! `korrigo.grading.v1.Locks`.

use contracts::grading as pb;
use contracts::grading::locks_server::Locks;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{acquire_lock, force_release_lock, get_lock, heartbeat_lock, release_lock};

#[tonic::async_trait]
impl Locks for Rpc {
    async fn acquire(
        &self,
        request: Request<pb::AcquireLockRequest>,
    ) -> Result<Response<pb::AcquireLockReply>, Status> {
        let (session, request) = self.signed(request)?;
        let acquire = async move |app: App| acquire_lock::run(&app, session, request).await;
        reply(self.to_its_end(acquire).await)
    }

    async fn heartbeat(
        &self,
        request: Request<pb::HeartbeatLockRequest>,
    ) -> Result<Response<pb::HeartbeatLockReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(heartbeat_lock::run(&self.app.for_changes(), session, request).await)
    }

    async fn release(
        &self,
        request: Request<pb::ReleaseLockRequest>,
    ) -> Result<Response<pb::ReleaseLockReply>, Status> {
        let (session, request) = self.signed(request)?;
        let release = async move |app: App| release_lock::run(&app, session, request).await;
        reply(self.to_its_end(release).await)
    }

    async fn get(&self, request: Request<pb::GetLockRequest>) -> Result<Response<pb::LockStatus>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_lock::run(&self.app, session, request).await)
    }

    async fn force_release(
        &self,
        request: Request<pb::ForceReleaseLockRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let release = async move |app: App| force_release_lock::run(&app, session, request).await;
        reply(self.to_its_end(release).await)
    }
}
