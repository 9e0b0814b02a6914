//! Connects, and connects again after a back-off, until there is a connection, for who declares with its topology.
//!
//! What is done with a connection is the caller's matter; so is telling when it is lost.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::connection::{Change, Events, Link};
use crate::report::Report;
use crate::{Config, Error, Topology};

pub(crate) struct Supervisor {
    config: Config,
    /// What is declared at every connection, by who may.
    topology: Option<Topology>,
    report: Report,
    failures: u32,
    pause: Duration,
    connected_at: Option<Instant>,
}

impl Supervisor {
    pub(crate) fn new(config: Config, topology: Option<Topology>, report: Report) -> Self {
        Self {
            config,
            topology,
            report,
            failures: 0,
            pause: Duration::ZERO,
            connected_at: None,
        }
    }

    /// The next connection, however long it takes. `None` if there can be none.
    pub(crate) async fn connect(&mut self) -> Option<(Link, Events)> {
        loop {
            sleep(self.pause).await;
            match self.attempt().await {
                Ok(connection) => return Some(connection),
                Err(Error::TopologyMismatch { name }) => {
                    self.report.mismatch(name);
                    return None;
                }
                Err(error) => self.failed(&error),
            }
        }
    }

    /// The connection is in use.
    pub(crate) fn connected(&mut self) {
        self.connected_at = Some(Instant::now());
        self.report.connected();
    }

    /// The connection could not be made or used.
    pub(crate) fn failed(&mut self, error: &Error) {
        self.count(self.failures.saturating_add(1));
        self.report.unreachable(self.failures, self.pause, error);
    }

    /// Follows the state of a connection in use to its end.
    pub(crate) async fn watch(&mut self, events: &mut Events) {
        loop {
            match events.next().await {
                Change::Blocked => self.report.blocked(),
                Change::Unblocked => self.report.unblocked(),
                Change::Lost => return,
            }
        }
    }

    /// The connection in use has ended.
    pub(crate) fn lost(&mut self) {
        // A connection that did not last is a failed attempt: otherwise a broker that accepts and drops would be
        // asked again and again without a growing pause.
        let lasted = self
            .connected_at
            .take()
            .is_some_and(|at| at.elapsed() > self.config.backoff.max);
        self.count(if lasted {
            1
        } else {
            self.failures.saturating_add(1)
        });
        self.report.lost();
    }

    fn count(&mut self, failures: u32) {
        self.failures = failures;
        self.pause = self.config.backoff.after(failures);
    }

    async fn attempt(&self) -> Result<(Link, Events), Error> {
        let connect = async {
            let (link, events) = Link::open(&self.config).await?;
            if let Some(topology) = &self.topology {
                topology.declare(link.connection()).await?;
            }
            Ok((link, events))
        };
        timeout(self.config.connect_timeout, connect)
            .await
            .unwrap_or(Err(Error::ConnectTimeout))
    }
}
