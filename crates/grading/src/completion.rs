//! A worker reports that a job is done.

use contracts::Problem;
use domain::{Job, JobState};
use store::Tx;
use telemetry::events::JobReportLate;
use telemetry::metrics::{self, JobEnd};

use crate::app::App;
use crate::error::Error;
use crate::report::Report;

/// What became of the report.
pub(crate) enum Completed<T> {
    /// The job has ended with its result.
    Now(Job, T),
    /// It had before: the worker did not get the answer.
    Before,
    /// The worker no longer has the job, and nothing that it did counts.
    Late,
}

impl<T> Completed<T> {
    /// Whether what the worker did counts.
    pub(crate) fn is_accepted(&self) -> bool {
        match self {
            Self::Now(..) | Self::Before => true,
            Self::Late => false,
        }
    }
}

/// Stores the result and the end of the job, in one transaction of this name under the job's fence. Repeating it answers
/// the same; a late report is refused and changes nothing.
pub(crate) async fn complete<T: Send + 'static>(
    app: &App,
    name: &'static str,
    report: Report,
    pages: Result<u32, Problem>,
    deliver: impl FnOnce(&mut Tx<'_>, &Job) -> Result<T, Error> + Send + 'static,
) -> Result<Completed<T>, Error> {
    let completed = app
        .database
        .transaction(name, move |tx| {
            let Some(job) = tx.jobs().for_update(report.job)? else {
                return Ok::<_, Error>(Completed::Late);
            };
            if job.state == JobState::Succeeded && job.fence == report.fence {
                return Ok(Completed::Before);
            }
            let Ok(job) = job.succeed(report.fence, pages?) else {
                return Ok(Completed::Late);
            };
            let result = deliver(tx, &job)?;
            tx.jobs().save(&job)?;
            Ok(Completed::Now(job, result))
        })
        .await?;
    match &completed {
        Completed::Now(job, _) => metrics::job_ended(job.task.kind(), JobEnd::Succeeded),
        Completed::Before => {}
        Completed::Late => telemetry::log(JobReportLate {
            job_id: report.job,
            fence: report.fence,
        }),
    }
    Ok(completed)
}
