//! Reading a copy.

use contracts::{Code, grading as pb};
use domain::{CopyId, Operation};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The copy with its pages, if the caller may see it.
pub(crate) async fn run(app: &App, session: Session, request: pb::GetCopyRequest) -> Result<pb::Copy, Error> {
    let id: CopyId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_copy", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, id)?;
            read(tx, id)
        })
        .await
}

/// The copy with its pages and the job that makes them.
pub(crate) fn read(tx: &mut Tx<'_>, id: CopyId) -> Result<pb::Copy, Error> {
    let found = tx.copies().get(id)?.ok_or(Code::NotFound)?;
    let pages = tx.pages().of(id)?;
    let import_job = match found.import_job {
        Some(job) => tx.jobs().get(job)?,
        None => None,
    };
    Ok(view::whole_copy(
        &found,
        &pages,
        import_job.as_ref().map(|view| &view.job),
    ))
}
