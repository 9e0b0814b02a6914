//! Reading a batch.

use contracts::{Code, grading as pb};
use domain::{BatchId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The batch with its copies, and with what people have to look at.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetBatchRequest,
) -> Result<pb::Batch, Error> {
    let id: BatchId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_batch", move |tx| {
            let caller = session.caller(tx)?;
            let found = tx.batches().get(id)?.ok_or(Code::NotFound)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, found.batch.exam)?;
            let outcome = tx.batches().outcome(id)?;
            let copies = outcome.copies.iter().map(|copy| pb::BatchCopy {
                copy_id: copy.id.to_string(),
                pieces: copy.pieces.iter().copied().map(Into::into).collect(),
                discarded: copy.discarded,
            });
            Ok(pb::Batch {
                copies: copies.collect(),
                anomalies: outcome.anomalies.iter().copied().map(Into::into).collect(),
                ..view::batch(&found)
            })
        })
        .await
}
