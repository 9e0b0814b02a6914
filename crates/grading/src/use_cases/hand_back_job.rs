//! A worker that shuts down gives a job back.

use contracts::grading as pb;
use telemetry::events::JobHandedBack;
use telemetry::metrics::{self, JobEnd};

use crate::announcement;
use crate::app::App;
use crate::error::Error;
use crate::report::Report;

/// The job waits for another worker at once; the attempt does not count.
pub(crate) async fn run(app: &App, request: pb::HandBackRequest) -> Result<pb::HandBackReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let ids = app.ids.clone();
    let handed_back = app
        .database
        .transaction("hand_back_job", move |tx| {
            let Some(job) = tx.jobs().for_update(report.job)? else {
                return Ok(None);
            };
            let Ok(job) = job.hand_back(report.fence) else {
                return Ok(None);
            };
            tx.jobs().save(&job)?;
            tx.outbox().enqueue(&announcement::of(&job, &ids))?;
            Ok::<_, Error>(Some(job.task.kind()))
        })
        .await?;
    if let Some(kind) = handed_back {
        telemetry::log(JobHandedBack {
            job_id: report.job,
            fence: report.fence,
        });
        metrics::job_ended(kind, JobEnd::HandedBack);
    }
    Ok(pb::HandBackReply {
        accepted: handed_back.is_some(),
    })
}
