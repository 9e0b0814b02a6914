//! Asking before an upload.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// Whether the caller may add a copy to the exam, and whether not too much waits already. Asked before the first byte is read.
/// The first is decided again when the copy is registered; how much waits is asked only here.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::AuthorizeUploadRequest,
) -> Result<pb::AuthorizeUploadReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let most = app.max_waiting_scans;
    app.database
        .transaction("authorize_upload", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::UploadCopy, exam)?;
            if tx.jobs().waits_for_import(most)? {
                return Err(Error::Backlog);
            }
            Ok(pb::AuthorizeUploadReply {})
        })
        .await
}
