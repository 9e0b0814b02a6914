//! Listing exams.

use contracts::grading as pb;
use domain::ExamId;
use domain::access::Listing;

use crate::app::App;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the exams that the caller may see, oldest first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListExamsRequest,
) -> Result<pb::ListExamsReply, Error> {
    let paging = Paging::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_exams", move |tx| {
            let caller = session.caller(tx)?;
            let visible_to = match caller.lists() {
                Listing::Everything => None,
                Listing::Assigned => Some(caller.user),
                Listing::Nothing => return Ok(pb::ListExamsReply::default()),
            };
            let found = tx.exams().page(visible_to, paging.after, paging.limit)?;
            let ids: Vec<ExamId> = found.items.iter().map(|exam| exam.id).collect();
            let classes = tx.exams().classes_of(&ids)?;
            let exams = found.items.iter().map(|exam| {
                let classes = classes.get(&exam.id).map(Vec::as_slice);
                view::exam(exam, classes.unwrap_or_default())
            });
            Ok(pb::ListExamsReply {
                exams: exams.collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
