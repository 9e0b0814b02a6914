//! Listing the sets of changes of an exam.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of them, the first first. Correctors see what was changed of what they gave, by whom and why.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListChangeSetsRequest,
) -> Result<pb::ListChangeSetsReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let paging = Paging::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_change_sets", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, exam)?;
            let found = tx.change_sets().page(exam, paging.after, paging.limit)?;
            Ok(pb::ListChangeSetsReply {
                change_sets: found.items.iter().map(view::change_set).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
