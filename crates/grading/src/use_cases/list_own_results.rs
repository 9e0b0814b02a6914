//! A pupil lists their results.

use contracts::grading as pb;

use crate::app::App;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the released results of copies that the caller wrote. Who wrote none finds none.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListOwnRequest,
) -> Result<pb::ListOwnReply, Error> {
    let paging = Paging::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_own_results", move |tx| {
            let caller = session.caller(tx)?;
            let found = tx.results().page_of(caller.user, paging.after, paging.limit)?;
            Ok(pb::ListOwnReply {
                results: found.items.iter().map(view::own_result).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}
