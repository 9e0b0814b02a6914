//! Reading a job.

use contracts::{Code, grading as pb};
use domain::access::Listing;
use domain::{Caller, JobId, Operation, Task};
use store::{JobView, Tx};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The job, if the caller may see what it is about.
pub(crate) async fn run(app: &App, session: Session, request: pb::GetJobRequest) -> Result<pb::Job, Error> {
    let id: JobId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    Ok(view::job(&read(app, session, id).await?))
}

/// The job, if the caller asked for it or may see every exam.
pub(crate) async fn read(app: &App, session: Session, id: JobId) -> Result<JobView, Error> {
    app.database
        .transaction("get_job", move |tx| {
            let caller = session.caller(tx)?;
            visible(tx, caller, id)
        })
        .await
}

/// The job, if this caller asked for it or may see every exam.
pub(crate) fn visible(tx: &mut Tx<'_>, caller: Caller, id: JobId) -> Result<JobView, Error> {
    let found = tx.jobs().get(id)?.ok_or(Code::NotFound)?;
    let (job, exam) = (&found.job, found.exam);
    match job.task {
        Task::Import(copy) | Task::Finalize(copy) => {
            authorization::on_copy(tx, caller, Operation::ReadCopy, copy)?;
        }
        Task::Read(_) => authorization::on_exam(tx, caller, Operation::IdentifyCopy, exam)?,
        Task::Split(_) => authorization::on_exam(tx, caller, Operation::ReadExam, exam)?,
        Task::Archive(_) => authorization::on_exam(tx, caller, Operation::ReadResults, exam)?,
    }
    if job.owner != caller.user && caller.lists() != Listing::Everything {
        return Err(Code::NotFound.into());
    }
    Ok(found)
}
