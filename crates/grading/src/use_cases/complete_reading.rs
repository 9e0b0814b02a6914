//! A worker delivers what it read where a pupil wrote who they are.

use contracts::{FieldCode, Problem, grading as pb};
use domain::{Reading, Task};
use telemetry::events::CopyRead;

use crate::app::App;
use crate::completion::{Completed, complete};
use crate::error::Error;
use crate::report::Report;
use crate::use_cases::order_reading;

/// The reading and the end of the job, in one transaction under the job's fence. What was read on a copy whose pupil is
/// known by now is thrown away. Repeating it answers the same; a late report is refused and changes nothing.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteReadingRequest,
) -> Result<pb::CompleteReadingReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let reading = Reading::of(&request.reading);
    let completed = complete(app, "complete_reading", report, Ok(1), move |tx, job| {
        let Task::Read(copy_id) = job.task else {
            return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
        };
        let waiting = order_reading::waiting(tx, copy_id)?;
        if let Some(copy) = &waiting {
            tx.readings().put(copy.exam, copy.id, &reading)?;
        }
        Ok((copy_id, waiting.is_some()))
    });
    let completed = completed.await?;
    if let Completed::Now(job, (copy_id, kept)) = &completed {
        telemetry::log(CopyRead {
            copy_id: *copy_id,
            job_id: job.id,
            kept: *kept,
        });
    }
    Ok(pb::CompleteReadingReply {
        accepted: completed.is_accepted(),
    })
}
