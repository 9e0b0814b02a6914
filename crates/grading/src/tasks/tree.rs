//! Lets the tree over all events grow, and has checkpoints of it written. One process at a time adds leaves, which the
//! database sees to. No operation waits for any of it: what could not be done now is done in the next round.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::audit::{Frontier, Tampering};
use telemetry::Causes;
use telemetry::events::{AuditCheckpointFailed, AuditCheckpointWritten, AuditTampered, AuditTreeBehind};
use telemetry::metrics::{self, AuditSink};
use tokio::sync::Notify;

use crate::app::App;
use crate::checkpoints::{CheckpointError, Checkpoints};
use crate::error::Error;
use crate::tasks::ticks::Ticks;

const INTERVAL: Duration = Duration::from_secs(1);
/// How long to leave a database alone that could not do it.
const PAUSE: Duration = Duration::from_secs(10);
/// How many leaves are added in one transaction.
const BATCH: u16 = 500;
/// So many events do not wait for the next checkpoint.
const MANY: u64 = 1000;

/// Lets the tree grow until the service drains. `missed` is told when checkpoints are lost.
pub(crate) async fn run(app: App, checkpoints: Checkpoints, interval: Duration, missed: Arc<Notify>) {
    let mut ticks = Ticks::new(INTERVAL, &app.draining);
    let mut vouching = Vouching {
        checkpoints,
        interval,
        missed,
        lost: false,
        size: 0,
        tried: 0,
        due: Instant::now(),
    };
    while ticks.next().await {
        // The store has said what is wrong.
        if round(&app, &mut vouching).await.is_err() {
            ticks = Ticks::after(PAUSE, INTERVAL, &app.draining);
        }
    }
}

async fn round(app: &App, vouching: &mut Vouching) -> Result<(), Error> {
    loop {
        let (added, tree) = app.database.transaction("grow_audit_tree", grow).await?;
        vouching.vouch(app, tree).await?;
        if added < usize::from(BATCH) || app.draining.is_cancelled() {
            return Ok(());
        }
    }
}

fn grow(tx: &mut store::Tx<'_>) -> Result<(usize, Frontier), Error> {
    let mut tree = tx.audit_tree();
    if tree.take_turn()? {
        Ok(tree.grow(BATCH)?)
    } else {
        Ok((0, tree.frontier()?))
    }
}

/// What has been vouched for by checkpoints.
struct Vouching {
    checkpoints: Checkpoints,
    interval: Duration,
    /// Who looks whether they are lost.
    missed: Arc<Notify>,
    /// Whether the last one could not be written because those of before are lost.
    lost: bool,
    /// The tree of the last checkpoint had so many leaves.
    size: u64,
    /// The tree for which one was last tried.
    tried: u64,
    /// When the next one is due, if there is something new.
    due: Instant,
}

impl Vouching {
    /// Has a checkpoint written, if it is time. One that failed is tried again after the interval.
    async fn vouch(&mut self, app: &App, tree: Frontier) -> Result<(), Error> {
        let size = tree.size();
        let due = Instant::now() >= self.due || size >= self.tried.saturating_add(MANY);
        if size == self.size || !due {
            return Ok(());
        }
        self.tried = size;
        self.due = Instant::now() + self.interval;
        let vouched = store::vouched(&app.database).await?;
        let checkpoints = self.checkpoints.clone();
        let added = telemetry::blocking(move || checkpoints.add(&tree, vouched)).await;
        match added {
            Ok(Ok(root)) => {
                // Whoever takes the file away after this is found out.
                let keep = move |tx: &mut store::Tx<'_>| Ok::<_, Error>(tx.audit_tree().vouch(root)?);
                app.database.transaction("keep_vouched", keep).await?;
                (self.size, self.lost) = (size, false);
                telemetry::log(AuditCheckpointWritten { size });
            }
            Ok(Err(error)) => {
                failed(size, &error);
                let lost = matches!(error, CheckpointError::Lost);
                if lost && !self.lost {
                    // They may be back by now: whether somebody has to come is for whoever looks at them after this.
                    self.missed.notify_one();
                }
                self.lost = lost;
            }
            // The process is ending.
            Err(_cancelled) => {}
        }
        Ok(())
    }
}

fn failed(size: u64, error: &CheckpointError) {
    metrics::audit_sink_failed(AuditSink::Checkpoint, 1);
    match *error {
        CheckpointError::Behind { checkpoint } => telemetry::log(AuditTreeBehind { size, checkpoint }),
        CheckpointError::Lost => telemetry::log(AuditTampered {
            finding: Tampering::CheckpointsLost,
            copy_id: None,
            account_id: None,
            trail_id: None,
            seq: None,
        }),
        CheckpointError::NotSet
        | CheckpointError::Key(_)
        | CheckpointError::KeyOpen
        | CheckpointError::KeyForm(_)
        | CheckpointError::File(_)
        | CheckpointError::Foreign(_) => telemetry::log(AuditCheckpointFailed {
            size,
            error: Causes::of(error),
        }),
    }
}
