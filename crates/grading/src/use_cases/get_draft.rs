//! Reading what the caller has not saved yet.

use contracts::{Code, grading as pb};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The caller's own draft on the copy, if there is one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetDraftRequest,
) -> Result<pb::GetDraftReply, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_draft", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::CorrectCopy, id)?;
            let found = tx.drafts().get(id, caller.user)?;
            Ok(pb::GetDraftReply {
                draft: found.map(|(draft, saved_at)| view::draft(&draft, saved_at)),
            })
        })
        .await
}
