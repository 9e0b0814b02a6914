//! Reading what is drawn and written on a copy.

use contracts::{Code, grading as pb};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// All annotations of a copy in the order in which they were made.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListAnnotationsRequest,
) -> Result<pb::ListAnnotationsReply, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("list_annotations", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, id)?;
            let annotations = tx.annotations().of(id)?;
            Ok(pb::ListAnnotationsReply {
                annotations: annotations.iter().map(view::annotation).collect(),
            })
        })
        .await
}
