//! Asking before the upload of a scan of many copies.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::register_batch::splitting;

/// Whether the caller may add a batch to the exam, whether the exam says how to take it apart, and whether not too
/// much waits already. Asked before the first byte is read. The first two are decided again when the batch is registered; how
/// much waits is asked only here.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::AuthorizeBatchRequest,
) -> Result<pb::AuthorizeBatchReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let most = app.max_waiting_scans;
    app.database
        .transaction("authorize_batch", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::UploadCopy, exam)?;
            if tx.jobs().waits_for_import(most)? {
                return Err(Error::Backlog);
            }
            let exam = tx.exams().get(exam)?.ok_or(Code::NotFound)?;
            splitting(&exam)?;
            Ok(pb::AuthorizeBatchReply {})
        })
        .await
}
