//! Consumes a queue: every delivery in its own task, and settled as its handler says.
//!
//! Acknowledgements on a connection that is gone are dropped: the broker delivers these messages again, so a handler
//! has to cope with a message that was worked on already.
//!
//! The broker knows no pause before it delivers a message again, and counts every time. So the pause is made here, with
//! the message and its slot in hand: an outage of a minute must not fill the queue of dead letters.

use std::num::NonZeroU16;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicRejectOptions};
use telemetry::events::BrokerRole;
use telemetry::{Origin, span};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::connection::{Events, FAREWELL, Link};
use crate::report::{Report, handler_panicked};
use crate::session::Session;
use crate::supervisor::Supervisor;
use crate::{Backoff, Config, Delivery, Error, Outcome, State};

/// Consumes one queue until it is told to stop.
#[derive(Clone)]
pub struct Consumer {
    state: watch::Receiver<State>,
    stop: CancellationToken,
    drained: CancellationToken,
}

impl Consumer {
    /// A consumer of `queue` with at most `slots` deliveries at a time, and the future that runs it. That one ends
    /// when the consumer is drained after [`cancel`](Self::cancel). A queue that is not there is waited for: who publishes
    /// declares it.
    ///
    /// A handler that panics counts as [`Outcome::Retry`].
    pub fn new<H, F>(
        config: Config,
        queue: &'static str,
        slots: NonZeroU16,
        handler: H,
    ) -> (Self, impl Future<Output = ()> + Send + 'static)
    where
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let (report, state) = Report::new(BrokerRole::Consumer);
        let (stop, drained) = (CancellationToken::new(), CancellationToken::new());
        let work = Work {
            connect_timeout: config.connect_timeout,
            retry: config.retry,
            supervisor: Supervisor::new(config, None, report),
            queue,
            slots,
            handler: Arc::new(handler),
            running: JoinSet::new(),
            stop: stop.clone(),
            _drained: drained.clone().drop_guard(),
        };
        (Self { state, stop, drained }, work.run())
    }

    /// Takes no more deliveries. Those that are being worked on go on and are settled.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Waits until everything that was being worked on is settled, after [`cancel`](Self::cancel).
    pub async fn drained(&self) {
        self.drained.cancelled().await;
    }

    /// How the connection is.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }
}

struct Work<H> {
    supervisor: Supervisor,
    connect_timeout: Duration,
    retry: Backoff,
    queue: &'static str,
    slots: NonZeroU16,
    handler: Arc<H>,
    /// Outlives the connections: what runs goes on when its connection is lost, and keeps its slot.
    running: JoinSet<()>,
    stop: CancellationToken,
    _drained: DropGuard,
}

impl<H, F> Work<H>
where
    H: Fn(Delivery) -> F + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    async fn run(mut self) {
        let stop = self.stop.clone();
        let mut last = None;
        while let Some(Some((link, events))) = stop.run_until_cancelled(self.supervisor.connect()).await {
            last = self.consume(link, events).await;
        }
        while self.running.join_next().await.is_some() {}
        if let Some(session) = last {
            session.close().await;
        }
    }

    /// Consumes over one connection to its end. The session is returned if it was cancelled and not lost.
    async fn consume(&mut self, link: Link, mut events: Events) -> Option<Session> {
        let opening = timeout(self.connect_timeout, Session::open(link, self.queue, self.slots));
        let mut session = match opening.await.unwrap_or(Err(Error::ConnectTimeout)) {
            Ok(session) => session,
            Err(error) => {
                self.supervisor.failed(&error);
                return None;
            }
        };
        self.supervisor.connected();
        loop {
            tokio::select! {
                // Once it is cancelled, no delivery is begun that was there already.
                biased;
                () = self.stop.cancelled() => {
                    session.cancel().await;
                    return Some(session);
                }
                () = self.supervisor.watch(&mut events) => break,
                Some(_) = self.running.join_next() => {}
                delivery = session.next(), if self.running.len() < usize::from(self.slots.get()) => {
                    let Some(delivery) = delivery else {
                        session.tell_why_it_ended();
                        break;
                    };
                    self.start(delivery);
                }
            }
        }
        self.supervisor.lost();
        None
    }

    fn start(&mut self, mut delivery: lapin::message::Delivery) {
        let handler = Arc::clone(&self.handler);
        let (stop, retry, queue) = (self.stop.clone(), self.retry, self.queue);
        self.running.spawn(async move {
            let given = Delivery::read(&mut delivery);
            let origin = Origin::from_pairs(&given.headers);
            let deliveries = given.delivery_count.saturating_add(1);
            let work = AssertUnwindSafe(async { handler(given).await }).catch_unwind();
            let outcome = work.await.unwrap_or_else(|_reported_by_the_panic_hook| {
                handler_panicked();
                Outcome::Retry
            });
            if outcome == Outcome::Retry {
                // Nobody waits for a pause to end when the process is stopping.
                stop.run_until_cancelled(sleep(retry.after(deliveries))).await;
            }
            let settling = span::settle(operation(outcome), queue, &origin);
            settling.run(settle(&delivery.acker, outcome)).await;
        });
    }
}

/// What the broker is told, as spans call it.
fn operation(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ack => "ack",
        Outcome::Retry | Outcome::Discard => "reject",
    }
}

/// An error means that the connection is gone, and with it the right to settle: the message comes again. So does no
/// answer, which is all that a connection gives that breaks in this very moment.
async fn settle(acker: &Acker, outcome: Outcome) {
    let settled = async {
        match outcome {
            Outcome::Ack => acker.ack(BasicAckOptions::default()).await,
            // Not `nack`: newer brokers do not count it towards the delivery limit.
            Outcome::Retry => acker.reject(BasicRejectOptions { requeue: true }).await,
            Outcome::Discard => acker.reject(BasicRejectOptions { requeue: false }).await,
        }
    };
    let _ = timeout(FAREWELL, settled).await;
}
