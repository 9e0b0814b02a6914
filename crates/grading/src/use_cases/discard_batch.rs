//! An administrator puts the copies of a scan aside: it was taken apart in the wrong way.

use contracts::{Code, grading as pb};
use domain::audit::Deed;
use domain::batch::BatchState;
use domain::{BatchId, Copy, Operation};
use store::Tx;
use telemetry::events::BatchDiscarded;

use crate::app::App;
use crate::authorization;
use crate::each::{Tried, each};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::discard_copy::put_aside;
use crate::use_cases::force_release_lock::reason;

/// Every copy of the batch that is still in STAGING is put aside, each by itself. When none is left, the same scan may
/// come again. One that could not be taken apart is put aside itself, which is in the trail of whoever does it. A copy that has pages of something else stays: a person has to look at it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DiscardBatchRequest,
) -> Result<pb::DiscardBatchReply, Error> {
    let id: BatchId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let reason = reason(&request.reason)?;
    let asking = session.clone();
    let operation = app.ids.next();
    let (copies, event) = app
        .database
        .transaction("find_copies_to_discard", move |tx| {
            let caller = asking.caller(tx)?;
            let batch = tx.batches().get(id)?.ok_or(Code::NotFound)?.batch;
            authorization::on_exam(tx, caller, Operation::DiscardCopy, batch.exam)?;
            // Its copies would appear after all.
            if batch.state == BatchState::Pending {
                return Err(Code::WrongState.into());
            }
            // What could not be taken apart has no copies: that somebody has looked at it is all there is to say.
            let put_aside = tx.batches().put_aside(id)?;
            let event = put_aside.then(|| tx.operate(Deed::DiscardBatch(id), caller, operation));
            Ok::<_, Error>((tx.batches().copies_of(id)?, event.transpose()?))
        })
        .await?;
    recorded::publish(event);
    let asking = (&session, Operation::DiscardCopy);
    let discard = move |tx: &mut Tx<'_>, copy: Copy, asked| {
        // It also has pages that this scan knows nothing of.
        if tx.batches().has_pages_of_others(id, copy.id)? {
            return Err(Code::WrongState.into());
        }
        put_aside(tx, copy, reason, asked)
    };
    let Tried { done, refused } = each(app, asking, "discard_copy", copies, discard).await?;
    telemetry::log(BatchDiscarded {
        batch_id: id,
        reason,
        discarded: done,
        refused: refused.len(),
    });
    Ok(pb::DiscardBatchReply {
        discarded: done,
        refused,
    })
}
