//! A worker delivers the archive of a release.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::archive::{ArchiveFile, kept_until};
use domain::{Digest, FileSize, Task};
use telemetry::events::ArchiveMade;

use crate::app::App;
use crate::completion::{Completed, complete};
use crate::error::Error;
use crate::report::Report;

/// The file of the archive and the end of the job, in one transaction under the job's fence. Repeating it answers the
/// same; a late report is refused and changes nothing, and so is one of an archive that nobody wants any more: its job was
/// called off.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteArchiveRequest,
) -> Result<pb::CompleteArchiveReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let (digest, size) = parse(&request)?;
    let (copies, kept) = (request.copies, app.archives_kept);
    let completed = complete(app, "complete_archive", report, Ok(copies), move |tx, job| {
        let Task::Archive(exam_id) = job.task else {
            return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
        };
        let archive = tx.archives().of_job(job.id)?.ok_or(Code::NotFound)?;
        let file = ArchiveFile {
            digest,
            size,
            copies,
            expires_at: kept_until(tx.now()?, kept),
        };
        tx.archives().finish(archive.id, file)?;
        Ok(exam_id)
    });
    let completed = completed.await?;
    if let Completed::Now(job, exam_id) = &completed {
        telemetry::log(ArchiveMade {
            exam_id: *exam_id,
            job_id: job.id,
            copies,
            bytes: size.bytes(),
            attempt: job.attempt,
        });
    }
    Ok(pb::CompleteArchiveReply {
        accepted: completed.is_accepted(),
    })
}

fn parse(request: &pb::CompleteArchiveRequest) -> Result<(Digest, FileSize), Problem> {
    let mut fields = Fields::default();
    let digest = fields.parse("/digest", &request.digest);
    let size = fields.check("/bytes", FileSize::new(request.bytes), FieldCode::OutOfRange);
    match (digest, size) {
        (Some(digest), Some(size)) => Ok((digest, size)),
        _ => Err(fields.problem()),
    }
}
