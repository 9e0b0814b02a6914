//! The orderly end: not ready, a pause, no new work, wait for what runs, then no more patience.

use std::future::Future;
use std::time::{Duration, Instant};

use telemetry::events::{ServiceDrainTimedOut, ServiceDrained, ServiceDraining, ServiceHardStop};

use crate::lifecycle::Lifecycle;

/// How long tasks get to react to the hard stop before they are left behind.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Between being unready and taking no new work, so that load balancers notice.
    pub delay: Duration,
    /// For running work to end.
    pub timeout: Duration,
}

/// How the drain went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All tasks ended by themselves.
    InTime,
    /// Some had to be stopped.
    ByForce,
}

/// Drains. `second_signal` cuts it short.
pub(crate) async fn drain(
    lifecycle: &Lifecycle,
    patience: Patience,
    second_signal: impl Future<Output = ()>,
) -> Ended {
    let begun = Instant::now();
    lifecycle.mark_leaving();
    telemetry::log(ServiceDraining {});
    tokio::pin!(second_signal);
    let orderly = async {
        tokio::time::sleep(patience.delay).await;
        lifecycle.draining().cancel();
        lifecycle.tasks().close();
        tokio::time::timeout(patience.timeout, lifecycle.tasks().wait())
            .await
            .is_ok()
    };
    let ended = tokio::select! {
        in_time = orderly => {
            if in_time {
                Ended::InTime
            } else {
                let tasks = lifecycle.tasks().len();
                telemetry::log(ServiceDrainTimedOut { tasks, duration: begun.elapsed() });
                Ended::ByForce
            }
        }
        () = &mut second_signal => {
            telemetry::log(ServiceHardStop { tasks: lifecycle.tasks().len() });
            Ended::ByForce
        }
    };
    lifecycle.draining().cancel();
    lifecycle.stopping().cancel();
    lifecycle.tasks().close();
    if ended == Ended::ByForce {
        drop(tokio::time::timeout(LAST_WORDS, lifecycle.tasks().wait()).await);
    }
    telemetry::log(ServiceDrained {
        duration: begun.elapsed(),
    });
    ended
}
