//! The reconciler: closes the leases of workers that fell silent, and announces again the jobs whose
//! message got lost. Deleting a queue loses nothing.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{JobId, JobState};
use store::Cause;
use telemetry::events::{JobNotReconciled, JobReconciled, ReconcileReason};
use telemetry::span::{Task, task};
use telemetry::{Causes, Origin, RequestContext, metrics};
use uuid::Uuid;

use crate::announcement;
use crate::app::App;
use crate::error::Error;
use crate::report::Report;
use crate::tasks::ticks::Ticks;
use crate::use_cases::fail_job;

/// How many jobs are looked after in one round.
const BATCH: u16 = 100;

/// Reconciles every `interval` until the service drains. It begins one lease after the start, and again one
/// lease after the database was away: workers that could not give a sign of life get the time to.
pub(crate) async fn run(app: App, interval: Duration, reannounce_after: TimeDelta) {
    let lease = app.lease.0.to_std().unwrap_or_default();
    let mut ticks = Ticks::after(lease, interval, &app.draining);
    while ticks.next().await {
        // What went wrong has been told by the store.
        let round = async {
            expire_dead_leases(&app).await?;
            announce_forgotten(&app, reannounce_after).await
        };
        if round.await.is_err() {
            ticks = Ticks::after(lease, interval, &app.draining);
        }
    }
}

async fn expire_dead_leases(app: &App) -> Result<(), Error> {
    let dead = app
        .database
        .transaction("find_dead_leases", |tx| {
            let now = tx.now()?;
            Ok::<_, Error>(tx.jobs().expired(now, BATCH)?)
        })
        .await?;
    for job in dead {
        tell(job, as_its_request(app, job, expire(app, job)).await);
    }
    Ok(())
}

async fn expire(app: &App, id: JobId) -> Result<(), Error> {
    let (ids, worker) = (app.ids.clone(), app.worker);
    let ended = app
        .database
        .transaction("expire_lease", move |tx| {
            let Some(job) = tx.jobs().for_update(id)? else {
                return Ok::<_, Error>(None);
            };
            let report = Report {
                job: id,
                worker,
                fence: job.fence,
            };
            match job.expire(tx.now()?) {
                Some(failed) => fail_job::settle(tx, failed, report, &ids).map(Some),
                None => Ok(None),
            }
        })
        .await?;
    if let Some(ended) = ended {
        reconciled(id, ReconcileReason::LeaseExpired);
        ended.publish();
    }
    Ok(())
}

async fn announce_forgotten(app: &App, after: TimeDelta) -> Result<(), Error> {
    let forgotten = app
        .database
        .transaction("find_forgotten_jobs", move |tx| {
            Ok::<_, Error>(tx.jobs().unannounced(after, BATCH)?)
        })
        .await?;
    for job in forgotten {
        tell(job, as_its_request(app, job, announce(app, job)).await);
    }
    Ok(())
}

async fn announce(app: &App, id: JobId) -> Result<(), Error> {
    let ids = app.ids.clone();
    let announced = app
        .database
        .transaction("announce_again", move |tx| match tx.jobs().for_update(id)? {
            Some(job) if job.state == JobState::Queued => {
                tx.outbox().enqueue(&announcement::of(&job, &ids))?;
                Ok::<_, Error>(true)
            }
            Some(_) | None => Ok(false),
        })
        .await?;
    if announced {
        reconciled(id, ReconcileReason::Unannounced);
    }
    Ok(())
}

/// A job that makes trouble must not stand in the way of the others.
fn tell(job_id: JobId, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        telemetry::log(JobNotReconciled {
            job_id,
            error: Causes::of(&error),
        });
    }
}

fn reconciled(job_id: JobId, reason: ReconcileReason) {
    metrics::job_reconciled(reason);
    telemetry::log(JobReconciled { job_id, reason });
}

/// Runs `work` as part of the request and the trace that the job came from, so that its next attempt still
/// belongs to them.
async fn as_its_request<T>(
    app: &App,
    job: JobId,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let cause = app
        .database
        .transaction("find_cause", move |tx| Ok::<_, Error>(tx.outbox().cause_of(job)?))
        .await?;
    let Cause {
        request_id,
        traceparent,
    } = cause.unwrap_or_else(|| Cause {
        request_id: Uuid::from(job).into(),
        traceparent: None,
    });
    let context = RequestContext::new(request_id.clone());
    let origin = Origin {
        request_id: Some(request_id),
        traceparent,
    };
    telemetry::scope(context, task(Task::Reconciler, &origin).run(work)).await
}
