//! Reading how far the archive of an exam is.

use contracts::{Code, grading as pb, timestamp};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

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
            let found = tx.archives().of_exam(exam)?.ok_or(Code::NotFound)?;
            if found.archive.is_over(tx.now()?) {
                return Err(Code::NotFound.into());
            }
            let job = tx.jobs().get(found.archive.job)?.ok_or(Code::Internal)?;
            let file = found.archive.file.map(|file| pb::ArchiveFile {
                copies: file.copies,
                bytes: file.size.bytes(),
                expires_at: Some(timestamp(file.expires_at)),
            });
            Ok::<_, Error>(pb::Archive {
                id: found.archive.id.to_string(),
                number: found.number,
                job: Some(view::job(&job)),
                created_at: Some(timestamp(found.created_at)),
                file,
            })
        })
        .await
}
