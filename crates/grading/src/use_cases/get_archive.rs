//! Reading how far the archive of an exam is.

use contracts::{Code, grading as pb, timestamp};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The archive, its job and its file. One that is kept no longer is none.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetArchiveRequest,
) -> Result<pb::Archive, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_archive", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
            let view = tx.archives().of_exam(exam)?.ok_or(Code::NotFound)?;
            if view.archive.is_over(tx.now()?) {
                return Err(Code::NotFound.into());
            }
            let job = tx.jobs().get(view.archive.job)?.ok_or(Code::Internal)?;
            let file = view.archive.file.map(|file| pb::ArchiveFile {
                copies: file.copies,
                bytes: file.size.bytes(),
                expires_at: Some(timestamp(file.expires_at)),
            });
            Ok::<_, Error>(pb::Archive {
                id: view.archive.id.to_string(),
                number: view.number,
                job: Some(pb::Job::from(&job.job)),
                created_at: Some(timestamp(view.created_at)),
                file,
            })
        })
        .await
}
