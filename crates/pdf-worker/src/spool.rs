//! Failed attempts that could not be told to the grading service: kept in files, and told when it answers again.
//!
//! A failed attempt is part of the record, so its report outlives the worker and the machine. Any worker that shares the
//! directory tells it, whoever it was that kept it; the fence makes it harmless to tell it twice or too late. Results are
//! not kept here: they wait with their message, and if the worker dies they are made again.

mod files;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use contracts::Code;
use domain::JobId;
use failpoint::Point;
use service::Latch;
use telemetry::events::{JobReportRefused, JobReportReplayed, JobReportUnreadable, JobReportsUnavailable};
use telemetry::span::{Task, task};
use telemetry::{Causes, context, metrics};
use tokio::sync::Notify;

use self::files::{Files, Stock, Taken};
use crate::failure::Failure;
use crate::grading::may_pass;
use crate::worker::Worker;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// How long a job waits for the report of its last attempt.
const TURN: Duration = Duration::from_secs(30);
/// Also how often it is looked whether another worker has left something.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The reports that are kept.
#[derive(Debug)]
pub(crate) struct Spool {
    files: Arc<Files>,
    kept: Notify,
}

impl Spool {
    /// Opens the directory, which is made if it is missing.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            files: Arc::new(Files::open(directory)?),
            kept: Notify::new(),
        })
    }

    /// Keeps a report. When this returns, it will be told.
    pub(crate) async fn keep(&self, failure: Failure) -> io::Result<()> {
        self.with(move |files| files.keep(&failure)).await?;
        self.kept.notify_one();
        Ok(())
    }

    /// Waits until no report of this job is left: grading had better know of one attempt before it is asked for the next. A
    /// report that stays does not keep the job for ever: told after the next attempt has begun, it is only too late.
    pub(crate) async fn told(&self, job: JobId) {
        let left = async {
            // Where nobody can look, there is nothing to wait for.
            while self.with(move |files| files.holds(job)).await.unwrap_or(false) {
                tokio::time::sleep(FIRST_PAUSE).await;
            }
        };
        let _left_or_not = tokio::time::timeout(TURN, left).await;
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let files = Arc::clone(&self.files);
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.unwrap_or_else(|_cancelled| Err(io::ErrorKind::Interrupted.into()))
    }
}

/// Tells what is kept until the process drains. While anything is, the worker is ready but not quite well.
pub(crate) async fn replay(worker: Arc<Worker>, latch: Latch) {
    let mut pause = FIRST_PAUSE;
    loop {
        let round = worker.draining.run_until_cancelled(round(&worker));
        match round.await {
            Some(Ok(stock)) => show(stock, &latch),
            Some(Err(error)) => {
                latch.failed();
                telemetry::log(JobReportsUnavailable {
                    error: Causes::of(&error),
                });
            }
            None => return,
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            () = worker.spool.kept.notified() => pause = FIRST_PAUSE,
            () = worker.draining.cancelled() => return,
        }
    }
}

fn show(stock: Stock, latch: &Latch) {
    metrics::reports_kept(stock.waiting, stock.aside, stock.oldest);
    if stock.waiting + stock.aside == 0 {
        latch.ready();
    } else {
        latch.failed();
    }
}

/// Tells what waits, oldest first, and says what is left. One that cannot be read or removed holds up no other.
async fn round(worker: &Worker) -> io::Result<Stock> {
    let mut broken = None;
    for path in worker.spool.with(Files::waiting).await? {
        match try_one(worker, path).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => broken = Some(error),
        }
    }
    let stock = worker.spool.with(Files::look).await?;
    broken.map_or(Ok(stock), Err)
}

/// Whether it makes sense to go on with the next one.
async fn try_one(worker: &Worker, path: PathBuf) -> io::Result<bool> {
    let Some(mut taken) = worker.spool.with(|_files| Files::take(path)).await? else {
        return Ok(true);
    };
    let Some(failure) = taken.failure.take() else {
        telemetry::log(JobReportUnreadable {});
        worker.spool.with(move |files| files.set_aside(&taken)).await?;
        return Ok(true);
    };
    let origin = failure.origin();
    let told = task(Task::Spool, &origin).run(tell(worker, taken, failure));
    match origin.request_context() {
        Some(request) => context::scope(request, told).await,
        None => told.await,
    }
}

async fn tell(worker: &Worker, taken: Taken, failure: Failure) -> io::Result<bool> {
    context::set_job(failure.job);
    match worker.grading.fail(failure.request()).await {
        Ok(reply) => {
            failpoint::reach(Point::ReportTold);
            failure.told(reply);
            telemetry::log(JobReportReplayed {
                job_id: failure.job,
                fence: failure.fence,
                accepted: reply.accepted,
            });
            worker.spool.with(move |files| files.done(&taken)).await?;
            Ok(true)
        }
        // One that grading fails at must not stand in the way of the others.
        Err(problem) if may_pass(problem.code) => Ok(problem.code == Code::Internal),
        Err(problem) => {
            telemetry::log(JobReportRefused {
                job_id: failure.job,
                fence: failure.fence,
                error: Causes::of(&problem),
            });
            worker.spool.with(move |files| files.set_aside(&taken)).await?;
            Ok(true)
        }
    }
}
