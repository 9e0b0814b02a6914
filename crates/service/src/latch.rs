//! Readiness, one latch for each thing that must work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use telemetry::Code;
use telemetry::events::{Readiness, ReadinessChanged};
use telemetry::metrics::{self, Latched};
use tokio::sync::watch;

/// Says whether one thing that the service needs works. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Latch {
    name: &'static str,
    soft: bool,
    board: Board,
}

impl Latch {
    /// It works.
    pub fn ready(&self) {
        self.board.set(self.name, Readiness::Ready);
    }

    /// It does not work. A soft latch only degrades the service.
    pub fn failed(&self) {
        self.board.set(
            self.name,
            if self.soft {
                Readiness::Degraded
            } else {
                Readiness::Failed
            },
        );
    }
}

/// All latches of a process.
#[derive(Debug, Clone)]
pub(crate) struct Board(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    checks: Mutex<BTreeMap<&'static str, Readiness>>,
    overall: watch::Sender<Readiness>,
}

impl Board {
    pub(crate) fn new() -> Self {
        let (overall, _) = watch::channel(Readiness::Ready);
        Self(Arc::new(Shared {
            checks: Mutex::default(),
            overall,
        }))
    }

    /// A latch that has not been set: the service is not ready until it is. A soft one counts as degraded.
    pub(crate) fn latch(&self, name: &'static str, soft: bool) -> Latch {
        self.set(
            name,
            if soft {
                Readiness::Degraded
            } else {
                Readiness::Pending
            },
        );
        Latch {
            name,
            soft,
            board: self.clone(),
        }
    }

    pub(crate) fn checks(&self) -> BTreeMap<&'static str, Readiness> {
        self.0
            .checks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What all latches say together: the worst of them.
    pub(crate) fn overall(&self) -> watch::Receiver<Readiness> {
        self.0.overall.subscribe()
    }

    fn set(&self, name: &'static str, state: Readiness) {
        let mut checks = self.0.checks.lock().unwrap_or_else(PoisonError::into_inner);
        if checks.insert(name, state) == Some(state) {
            return;
        }
        let worst = checks
            .values()
            .copied()
            .max_by_key(|state| severity(*state))
            .unwrap_or(Readiness::Ready);
        self.0.overall.send_replace(worst);
        drop(checks);
        metrics::readiness(Latched {
            check: Code::of(name).as_str(),
            state,
        });
        telemetry::log(ReadinessChanged {
            check: Code::of(name),
            state,
        });
    }
}

fn severity(state: Readiness) -> u8 {
    match state {
        Readiness::Ready => 0,
        Readiness::Degraded => 1,
        Readiness::Pending => 2,
        Readiness::Failed => 3,
    }
}
