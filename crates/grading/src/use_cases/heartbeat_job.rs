//! A worker's sign of life.

use contracts::grading as pb;
use domain::job::{Claim, Progress};
use telemetry::events::JobReportLate;

use crate::app::App;
use crate::error::Error;
use crate::report::Report;

/// Extends the lease and keeps the progress, or tells the worker that the job is no longer its own.
pub(crate) async fn run(app: &App, request: pb::HeartbeatRequest) -> Result<pb::HeartbeatReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let progress = Progress {
        done: request.done,
        total: request.total,
    };
    let lease = app.lease;
    let kept = app
        .database
        .transaction("heartbeat_job", move |tx| {
            let Some(job) = tx.jobs().for_update(report.job)? else {
                return Ok(false);
            };
            let claim = Claim {
                worker: report.worker,
                now: tx.now()?,
                lease,
            };
            match job.heartbeat(report.fence, progress, claim) {
                Ok(job) => {
                    tx.jobs().save(&job)?;
                    Ok::<_, Error>(true)
                }
                Err(_late) => Ok(false),
            }
        })
        .await?;
    if !kept {
        telemetry::log(JobReportLate {
            job_id: report.job,
            fence: report.fence,
        });
    }
    Ok(pb::HeartbeatReply { lost: !kept })
}
