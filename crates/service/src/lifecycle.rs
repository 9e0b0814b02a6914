//! What `build` is given: tasks, readiness, and the two tokens of the end.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use telemetry::Code;
use telemetry::events::{Readiness, TaskEnded, TaskPanicked};
use telemetry::metrics::{Metrics, Volume};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::drain::{self, Ended};
use crate::expiry;
use crate::latch::{Board, Latch};
use crate::volumes;

/// The life of a process, as its parts see it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lifecycle(Arc<Life>);

#[derive(Debug)]
struct Life {
    tasks: TaskTracker,
    board: Board,
    draining: CancellationToken,
    stopping: CancellationToken,
    broken: CancellationToken,
    /// Set before the drain delay, when readiness already has to say no.
    leaving: AtomicBool,
    started: AtomicBool,
    metrics: Option<Metrics>,
}

impl Lifecycle {
    pub(crate) fn new(metrics: Option<Metrics>) -> Self {
        Self(Arc::new(Life {
            tasks: TaskTracker::new(),
            board: Board::new(),
            draining: CancellationToken::new(),
            stopping: CancellationToken::new(),
            broken: CancellationToken::new(),
            leaving: AtomicBool::new(false),
            started: AtomicBool::new(false),
            metrics,
        }))
    }

    /// A lifecycle without a process around it, for tests. The handle drains it.
    #[must_use]
    pub fn for_test() -> (Self, TestHandle) {
        let lifecycle = Self::new(None);
        lifecycle.mark_started();
        (lifecycle.clone(), TestHandle(lifecycle))
    }

    /// Runs a task that lives as long as the process. The drain waits for it. If it panics, or ends before
    /// the drain, the process shuts down with exit code 1.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let life = self.clone();
        self.run_task(async move {
            let panicked = AssertUnwindSafe(task).catch_unwind().await.is_err();
            life.task_ended(name, panicked, Expected::WithTheProcess);
        });
    }

    /// Runs a task that may end when it likes. The drain waits for it. A panic still ends the process.
    pub fn spawn_finite(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let life = self.clone();
        self.run_task(async move {
            let panicked = AssertUnwindSafe(task).catch_unwind().await.is_err();
            life.task_ended(name, panicked, Expected::AtAnyTime);
        });
    }

    /// Shows how much room there is where the process writes, until it drains.
    pub fn watch_volume(&self, volume: Volume, path: PathBuf) {
        let draining = self.draining();
        self.spawn("volumes", async move {
            draining.run_until_cancelled(volumes::watch(volume, path)).await;
        });
    }

    /// Says in readiness, until it drains, when the certificate that the process shows is near its end. It stays ready. Nothing
    /// is said of a process without one.
    pub fn watch_certificate(&self, valid_until: Option<u64>) {
        let Some(valid_until) = valid_until else {
            return;
        };
        let (draining, latch) = (self.draining(), self.soft_latch("certificate"));
        self.spawn("certificate", async move {
            draining
                .run_until_cancelled(expiry::watch(valid_until, latch))
                .await;
        });
    }

    /// A latch that must be ready for the service to be ready.
    #[must_use]
    pub fn latch(&self, name: &'static str) -> Latch {
        self.0.board.latch(name, false)
    }

    /// A latch that degrades the service without making it unready.
    #[must_use]
    pub fn soft_latch(&self, name: &'static str) -> Latch {
        self.0.board.latch(name, true)
    }

    /// Cancelled when the service takes no new work and finishes what it has.
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.0.draining.clone()
    }

    /// Cancelled when the time to finish is over: what still runs must stop now.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Whether the service can take work, now and whenever it changes.
    #[must_use]
    pub fn readiness(&self) -> watch::Receiver<Readiness> {
        self.0.board.overall()
    }

    /// What `/metrics` shows; empty where nothing records.
    #[must_use]
    pub fn metrics_text(&self) -> String {
        self.0.metrics.as_ref().map(Metrics::render).unwrap_or_default()
    }

    pub(crate) fn metrics(&self) -> Option<&Metrics> {
        self.0.metrics.as_ref()
    }

    pub(crate) fn board(&self) -> &Board {
        &self.0.board
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// Cancelled when a task ended that should not have.
    pub(crate) fn broken(&self) -> CancellationToken {
        self.0.broken.clone()
    }

    pub(crate) fn mark_started(&self) {
        self.0.started.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_started(&self) -> bool {
        self.0.started.load(Ordering::Relaxed)
    }

    pub(crate) fn mark_leaving(&self) {
        self.0.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether the process is about to end. It still takes work for a while, until it is [draining](Self::draining).
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.0.leaving.load(Ordering::Relaxed)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that spawns tasks"
    )]
    fn run_task(&self, task: impl Future<Output = ()> + Send + 'static) {
        // A task outlives the request that may have caused it to be spawned.
        tokio::spawn(self.0.tasks.track_future(telemetry::detach(task)));
    }

    fn task_ended(&self, name: &'static str, panicked: bool, expected: Expected) {
        let task = Code::of(name);
        if panicked {
            telemetry::log(TaskPanicked { task });
            self.0.broken.cancel();
        } else if expected == Expected::WithTheProcess && !self.0.draining.is_cancelled() {
            telemetry::log(TaskEnded { task });
            self.0.broken.cancel();
        }
    }
}

/// When a task may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    WithTheProcess,
    AtAnyTime,
}

/// Plays the part of the process for a [`Lifecycle`] in a test.
#[derive(Debug)]
pub struct TestHandle(Lifecycle);

impl TestHandle {
    /// Waits until every latch holds.
    pub async fn ready(&self) {
        let mut readiness = self.0.readiness();
        // The board lives as long as the lifecycle, so the wait cannot fail.
        drop(
            readiness
                .wait_for(|state| matches!(state, Readiness::Ready | Readiness::Degraded))
                .await,
        );
    }

    /// Whether a task panicked or ended before the drain.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.0.broken().is_cancelled()
    }

    /// Waits until a task panicked or ended before the drain.
    pub async fn broken(&self) {
        self.0.broken().cancelled().await;
    }

    /// Drains, and says whether all tasks ended in time.
    pub async fn drain(&self, patience: Duration) -> bool {
        let never = std::future::pending();
        drain::drain(
            &self.0,
            drain::Patience {
                delay: Duration::ZERO,
                timeout: patience,
            },
            never,
        )
        .await
            == Ended::InTime
    }

    /// Stops at once, as a second signal does.
    pub fn stop(&self) {
        self.0.draining().cancel();
        self.0.stopping().cancel();
    }
}
