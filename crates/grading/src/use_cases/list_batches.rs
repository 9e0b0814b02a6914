//! Listing the batches of an exam.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the batches of an exam, oldest first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListBatchesRequest,
) -> Result<pb::ListBatchesReply, Error> {
    let paging = Paging::parse(&request.cursor, request.limit)?;
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("list_batches", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, exam)?;
            let found = tx.batches().page(exam, paging.after, paging.limit)?;
            Ok(pb::ListBatchesReply {
                batches: found.items.iter().map(view::batch).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
