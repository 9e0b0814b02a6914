//! Listing the releases of an exam.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the releases, the first first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListReleasesRequest,
) -> Result<pb::ListReleasesReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let paging = Paging::<u32>::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_releases", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
            let found = tx.releases().page(exam, paging.after, paging.limit)?;
            Ok(pb::ListReleasesReply {
                releases: found.items.iter().map(view::release).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
