//! An administrator puts the booklets of a merged copy into another order.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::copy::Part;
use domain::{BookletId, Operation};
use telemetry::events::BookletsReordered;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;

/// The copy with its booklets and pages in this order. If they are in it, nothing happens.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ReorderBookletsRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::MergeCopies, &request.id, app.ids.next())?;
    let order = request.booklets.iter().map(|id| id.parse());
    let order: Result<Vec<BookletId>, _> = order.collect();
    let order = order.map_err(|_not_an_id| Problem::field("/booklets", FieldCode::Malformed))?;
    let copy_id = command.copy;
    let (copy, event) = app
        .database
        .transaction("reorder_booklets", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            if request.if_version.is_some_and(|version| version != copy.version) {
                return Err(Code::StaleVersion.into());
            }
            let touched = tx.booklets().are_touched(copy_id)?;
            let event = match (Part { copy, touched }).reorder(&order, asked)? {
                Some(reordering) => Some(tx.reorder(&reordering)?),
                None => None,
            };
            Ok::<_, Error>((get_copy::read(tx, copy_id, asked.by)?, event))
        })
        .await?;
    if event.is_some() {
        recorded::publish(event);
        telemetry::log(BookletsReordered { copy_id });
    }
    Ok(copy)
}
