//! Which copies of an exam nobody is known to have written.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};
use store::CopyFilter;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the copies that have pages and no pupil, in the order of the scans: ids are given in that order.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::QueueIdentitiesRequest,
) -> Result<pb::QueueIdentitiesReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("queue_identities", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::IdentifyCopy, exam)?;
            let paging = Paging::parse(&request.cursor, request.limit)?;
            let filter = CopyFilter {
                exam: Some(exam),
                unidentified: true,
                ..CopyFilter::default()
            };
            let found = tx.copies().page(&filter, paging.after, paging.limit)?;
            let now = tx.now()?;
            let copies = found
                .items
                .iter()
                .map(|found| view::copy(found, caller.user, now));
            Ok(pb::QueueIdentitiesReply {
                copies: copies.collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
