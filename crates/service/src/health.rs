//! What the health endpoints say.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use telemetry::events::{Readiness, RuntimeStalled};

use crate::lifecycle::Lifecycle;
use crate::notify::Notify;

/// How often the watchdog ticks.
const TICK: Duration = Duration::from_secs(1);
/// Without a tick for this long, the runtime is stuck.
const STUCK: Duration = Duration::from_secs(15);
/// A tick that comes later than this after the one before is told of.
const LATE: Duration = Duration::from_secs(3);

/// Whether the runtime still runs tasks.
#[derive(Debug, Clone)]
pub(crate) struct Watchdog {
    begun: Instant,
    last_tick_ms: Arc<AtomicU64>,
}

impl Watchdog {
    pub(crate) fn new() -> Self {
        Self {
            begun: Instant::now(),
            last_tick_ms: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Ticks for ever, and has systemd know.
    pub(crate) async fn tick(self, notify: Notify) {
        let mut interval = tokio::time::interval(TICK);
        loop {
            interval.tick().await;
            notify.alive();
            if let Some(duration) = self.stalled(self.now_ms()) {
                telemetry::log(RuntimeStalled { duration });
            }
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        let last = Duration::from_millis(self.last_tick_ms.load(Ordering::Relaxed));
        Duration::from_millis(self.now_ms()).saturating_sub(last) < STUCK
    }

    /// Notes a tick, and says how long the runtime stood still before it, if it did.
    fn stalled(&self, now_ms: u64) -> Option<Duration> {
        let last = self.last_tick_ms.swap(now_ms, Ordering::Relaxed);
        let pause = Duration::from_millis(now_ms.saturating_sub(last));
        (pause > LATE).then_some(pause)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The answer of `/readyz`: whether to send work here, and the checks behind it.
pub(crate) fn readiness(lifecycle: &Lifecycle) -> (bool, Value) {
    let checks = lifecycle.board().checks();
    let worst = *lifecycle.readiness().borrow();
    let status = match worst {
        _ if lifecycle.is_leaving() => "draining",
        _ if !lifecycle.has_started() => "starting",
        Readiness::Pending => "starting",
        Readiness::Failed => "failed",
        Readiness::Degraded => "degraded",
        Readiness::Ready => "ok",
    };
    let checks: Map<String, Value> = checks
        .into_iter()
        .map(|(name, state)| (name.to_owned(), Value::from(state.as_str())))
        .collect();
    let body = serde_json::json!({ "status": status, "checks": checks });
    (matches!(status, "ok" | "degraded"), body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

    #[tokio::test]
    async fn a_runtime_that_stood_still_is_told_of_at_its_next_tick() {
        let lines = Lines::new();
        let mut options = Options::new(ServiceName::Korrigo, "9.9.9");
        options.output = Output::Memory(lines.clone());
        let telemetry = Telemetry::start(&options).unwrap();
        let watchdog = Watchdog {
            begun: Instant::now().checked_sub(2 * LATE).unwrap(),
            ..Watchdog::new()
        };
        let ticking = tokio::time::timeout(TICK / 2, watchdog.tick(Notify::to(None).unwrap()));
        assert!(ticking.await.is_err(), "it ticks for ever");
        telemetry.shutdown().await;
        let [line] = &lines.with("service.runtime_stalled")[..] else {
            panic!("not once: {:?}", lines.all())
        };
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["duration_ms"].as_f64().unwrap() >= 6_000.0, "{line}");
    }

    #[tokio::test]
    async fn systemd_hears_of_a_tick_and_of_nothing_while_the_runtime_runs_no_task() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let systemd = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        systemd.set_nonblocking(true).unwrap();
        let heard = || {
            let mut words = [0; 64];
            std::iter::from_fn(|| systemd.recv(&mut words).ok()).count()
        };
        let mut ticking = std::pin::pin!(Watchdog::new().tick(Notify::to(Some(&path)).unwrap()));
        let first = async {
            loop {
                match heard() {
                    0 => tokio::task::yield_now().await,
                    some => return some,
                }
            }
        };
        tokio::select! {
            biased;
            first = first => assert_eq!(first, 1, "once a tick"),
            _ended = ticking.as_mut() => panic!("it ticks for ever"),
        }
        // What is never asked to go on is what a stuck runtime makes of it: `/livez` and systemd hear the same.
        assert_eq!(heard(), 0);
    }

    #[test]
    fn a_tick_that_comes_late_is_told_of_once() {
        let watchdog = Watchdog::new();
        assert_eq!(watchdog.stalled(1_000), None);
        assert_eq!(watchdog.stalled(4_000), None);
        assert_eq!(watchdog.stalled(7_500), Some(Duration::from_millis(3_500)));
        assert_eq!(watchdog.stalled(8_500), None);
    }
}
