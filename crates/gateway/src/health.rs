//! Whether the parts that the gateway needs are there. Looked at in the background, read without waiting.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use blobs::Blobs;
use service::{CancellationToken, Latch, Lifecycle};
use tokio::time::{MissedTickBehavior, interval};

use crate::grading::{Bare, probe};

/// How old the picture may be.
const EVERY: Duration = Duration::from_secs(2);

/// What was found last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    grading: AtomicBool,
    blobs: AtomicBool,
}

impl Health {
    /// Whether grading answered.
    pub(crate) fn grading(&self) -> bool {
        self.0.grading.load(Ordering::Relaxed)
    }

    /// Whether blobs can be written.
    pub(crate) fn blobs(&self) -> bool {
        self.0.blobs.load(Ordering::Relaxed)
    }

    /// Looks again and again until the process drains. Until the first look, the service is not ready.
    pub(crate) fn watch(
        self,
        channel: Bare,
        blobs: Blobs,
        lifecycle: &Lifecycle,
    ) -> impl Future<Output = ()> + use<> {
        self.look(channel, blobs, Latches::of(lifecycle), lifecycle.draining())
    }

    async fn look(self, channel: Bare, blobs: Blobs, latches: Latches, draining: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = draining.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let (grading, written) = tokio::join!(probe(&channel), blobs.try_room());
            self.0.grading.store(grading, Ordering::Relaxed);
            self.0.blobs.store(written.is_ok(), Ordering::Relaxed);
            latches.set(grading, written.is_ok());
        }
    }
}

/// What readiness shows. The gateway becomes ready when it has reached grading once. That it loses grading
/// later makes it degraded, not unready: every gateway would be, and each answers 503 by itself.
struct Latches {
    started: Latch,
    grading: Latch,
    blobs: Latch,
}

impl Latches {
    fn of(lifecycle: &Lifecycle) -> Self {
        Self {
            started: lifecycle.latch("grading_reached"),
            grading: lifecycle.soft_latch("grading"),
            blobs: lifecycle.soft_latch("blobs"),
        }
    }

    fn set(&self, grading: bool, blobs: bool) {
        if grading {
            self.started.ready();
        }
        for (latch, fine) in [(&self.grading, grading), (&self.blobs, blobs)] {
            if fine { latch.ready() } else { latch.failed() }
        }
    }
}
