//! Locks of copies.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::time;

/// A lock that the caller has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Lock {
    /// To be sent as `X-Lock-Token`. It is given out once.
    token: String,
    /// Counts the locks of the copy.
    fence: i64,
    /// When it ends without a sign of life.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The clock that `expires_at` goes by.
    #[schema(format = DateTime)]
    server_time: String,
}

/// A lock that goes on.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveLock {
    /// When it ends without a sign of life.
    #[schema(format = DateTime)]
    expires_at: String,
    /// The clock that `expires_at` goes by.
    #[schema(format = DateTime)]
    server_time: String,
}

/// Whether somebody corrects a copy.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockStatus {
    locked: bool,
    /// Whether it is the caller.
    mine: bool,
    /// Null while nobody has it.
    #[schema(format = DateTime, required = true)]
    expires_at: Option<String>,
}

impl From<pb::AcquireLockReply> for Lock {
    fn from(reply: pb::AcquireLockReply) -> Self {
        Self {
            token: reply.token,
            fence: reply.fence,
            expires_at: time::required(reply.expires_at.as_ref()),
            server_time: time::required(reply.server_time.as_ref()),
        }
    }
}

impl From<pb::HeartbeatLockReply> for LiveLock {
    fn from(reply: pb::HeartbeatLockReply) -> Self {
        Self {
            expires_at: time::required(reply.expires_at.as_ref()),
            server_time: time::required(reply.server_time.as_ref()),
        }
    }
}

impl From<pb::LockStatus> for LockStatus {
    fn from(status: pb::LockStatus) -> Self {
        Self {
            locked: status.locked,
            mine: status.mine,
            expires_at: status.expires_at.as_ref().and_then(time::text),
        }
    }
}
