//! Forgetting what the caller has not saved.

use contracts::{Code, grading as pb};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The caller's own draft on the copy is gone, if there was one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DeleteDraftRequest,
) -> Result<pb::DeleteDraftReply, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("delete_draft", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::CorrectCopy, id)?;
            tx.drafts().take_back(id, caller.user)?;
            Ok(pb::DeleteDraftReply {})
        })
        .await
}
