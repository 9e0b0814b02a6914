//! Archives go with what they show.

use domain::ExamId;
use store::Tx;

use crate::error::Error;

/// Forgets the archive of an exam, and calls off the job that makes it. Whoever calls this has locked the exam: nobody
/// orders another one of the same documents meanwhile.
pub(crate) fn drop_of(tx: &mut Tx<'_>, exam: ExamId) -> Result<(), Error> {
    let Some(view) = tx.archives().of_exam(exam)? else {
        return Ok(());
    };
    // As everywhere the job comes first. One that has ended stays as it is.
    let job = tx.jobs().for_update(view.archive.job)?;
    if let Some(Ok(job)) = job.map(domain::Job::cancel) {
        tx.jobs().save(&job)?;
    }
    Ok(tx.archives().delete(view.archive.id)?)
}
