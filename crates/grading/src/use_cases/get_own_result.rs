//! A pupil reads the result of a copy that they wrote.

use contracts::{Code, annotation, grading as pb, marks};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// All that was released of the copy. What was said of it stays as it was for as long as it is released: it is written
/// under a lock, and a released copy cannot be locked.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetOwnRequest,
) -> Result<pb::WholeResult, Error> {
    let copy: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_own_result", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadOwnResult, copy)?;
            let own = tx.results().own(caller.user, copy)?.ok_or(Code::NotFound)?;
            let said = tx.marks().of(copy)?;
            Ok(pb::WholeResult {
                result: Some(view::own_result(&own.listed)),
                marking_scheme: own.scheme.as_ref().map(Into::into),
                scores: marks::points(&own.points),
                remarks: marks::remarks(&said),
                adjustments: marks::adjustments(&said),
                appreciation: annotation::exposed(said.appreciation.as_ref()),
            })
        })
        .await
}
