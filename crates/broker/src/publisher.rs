//! Publishes messages and waits for the broker's confirmation.
//!
//! Nothing is kept here: a message that could not be published is the caller's to publish again, with the same id.

use std::sync::Arc;
use std::time::Duration;

use telemetry::events::BrokerRole;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::lanes::{Lanes, Outgoing};
use crate::message::short;
use crate::report::Report;
use crate::supervisor::Supervisor;
use crate::{Config, Message, PublishError, State, Topology};

/// Who consumed a queue that was deleted is told so. If it is there again before that, the broker may forget them.
const UNTIL_CONSUMERS_KNOW: Duration = Duration::from_secs(1);

/// Publishes to the exchange of a [`Topology`]. Clones share one connection.
#[derive(Clone)]
pub struct Publisher {
    exchange: &'static str,
    confirm_timeout: Duration,
    lanes: watch::Receiver<Option<Arc<Lanes>>>,
    state: watch::Receiver<State>,
    stop: CancellationToken,
    _stop_with_the_last: Arc<DropGuard>,
}

impl Publisher {
    /// A publisher, and the future that runs its connection. That one ends when the last clone of the publisher is
    /// dropped, after [`close`](Self::close), or at once if the topology on the broker is another.
    pub fn new(config: Config, topology: Topology) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (report, state) = Report::new(BrokerRole::Publisher);
        let (current, lanes) = watch::channel(None);
        let stop = CancellationToken::new();
        let publisher = Self {
            exchange: topology.exchange,
            confirm_timeout: config.confirm_timeout,
            lanes,
            state,
            stop: stop.clone(),
            _stop_with_the_last: Arc::new(stop.clone().drop_guard()),
        };
        let mender = Mender {
            topology: topology.clone(),
            patience: config.connect_timeout,
        };
        let run = run(
            Supervisor::new(config, Some(topology), report),
            mender,
            current,
            stop,
        );
        (publisher, run)
    }

    /// Publishes `message`, persistent and mandatory, and returns when the broker has confirmed it.
    ///
    /// Does not wait for a connection: without one it fails at once. Many may be in flight at the same time.
    pub async fn publish(&self, message: Message) -> Result<(), PublishError> {
        let lanes = self.lanes.borrow().clone().ok_or(PublishError::Disconnected)?;
        let outgoing = Outgoing {
            exchange: short(self.exchange)?,
            routing_key: short(&message.routing_key)?,
            properties: message.properties()?,
            body: message.body,
        };
        let _lane = lanes.permit().await?;
        if lanes.link().is_blocked() {
            return Err(PublishError::Blocked);
        }
        match timeout(self.confirm_timeout, lanes.publish(&outgoing)).await {
            Ok(answer) => answer,
            // The broker says that it is blocked only after the first message that it does not take.
            Err(_elapsed) if lanes.link().is_blocked() => Err(PublishError::Blocked),
            Err(_elapsed) => {
                lanes.give_up();
                Err(PublishError::TimedOut)
            }
        }
    }

    /// How the connection is.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Ends the connection. What is in flight fails.
    pub fn close(&self) {
        self.stop.cancel();
    }
}

async fn run(
    mut supervisor: Supervisor,
    mender: Mender,
    current: watch::Sender<Option<Arc<Lanes>>>,
    stop: CancellationToken,
) {
    while let Some(Some((link, mut events))) = stop.run_until_cancelled(supervisor.connect()).await {
        let lanes = Arc::new(Lanes::new(link));
        current.send_replace(Some(Arc::clone(&lanes)));
        supervisor.connected();
        tokio::select! {
            () = supervisor.watch(&mut events) => {}
            () = lanes.given_up() => {}
            () = mender.mend(&lanes) => {}
            () = stop.cancelled() => {
                current.send_replace(None);
                lanes.link().close().await;
                return;
            }
        }
        current.send_replace(None);
        lanes.cut();
        supervisor.lost();
    }
}

/// Who declares again what somebody has deleted.
struct Mender {
    topology: Topology,
    patience: Duration,
}

impl Mender {
    /// Declares everything some time after a message has come back, since nobody else does. Ends when that fails.
    async fn mend(&self, lanes: &Lanes) {
        loop {
            lanes.returned().await;
            sleep(UNTIL_CONSUMERS_KNOW).await;
            let declaring = self.topology.declare(lanes.link().connection());
            if !matches!(timeout(self.patience, declaring).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}
