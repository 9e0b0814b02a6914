//! The beat of periodic tasks.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// A beat that ends when the service drains.
pub(super) struct Ticks {
    interval: Interval,
    draining: CancellationToken,
}

impl Ticks {
    /// A beat that begins at once.
    pub(super) fn new(period: Duration, draining: &CancellationToken) -> Self {
        Self::after(Duration::ZERO, period, draining)
    }

    /// A beat that begins after a pause.
    pub(super) fn after(pause: Duration, period: Duration, draining: &CancellationToken) -> Self {
        let mut interval = interval_at(Instant::now() + pause, period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            interval,
            draining: draining.clone(),
        }
    }

    /// Waits for the next beat; false when there is none any more.
    pub(super) async fn next(&mut self) -> bool {
        self.draining
            .run_until_cancelled(self.interval.tick())
            .await
            .is_some()
    }

    /// Waits for the next beat, or until somebody asks for one.
    pub(super) async fn next_or(&mut self, asked: &Notify) -> bool {
        let next = async {
            tokio::select! {
                _beat = self.interval.tick() => {}
                () = asked.notified() => {}
            }
        };
        self.draining.run_until_cancelled(next).await.is_some()
    }
}
