//! Whether somebody corrects a copy.

use contracts::{Code, grading as pb, timestamp};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// Who corrects the copy, as far as the caller may know: themselves, somebody else, nobody. A lock that has ended is
/// nobody's.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetLockRequest,
) -> Result<pb::LockStatus, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_lock", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, id)?;
            let now = tx.now()?;
            let found = tx.copies().get(id)?.ok_or(Code::NotFound)?;
            let lock = found.copy.state.lock().filter(|lock| !lock.has_expired(now));
            Ok(pb::LockStatus {
                locked: lock.is_some(),
                mine: lock.is_some_and(|lock| lock.owner == caller.user),
                expires_at: lock.map(|lock| timestamp(lock.expires_at)),
            })
        })
        .await
}
