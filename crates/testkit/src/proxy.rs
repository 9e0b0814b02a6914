//! A TCP proxy that misbehaves on demand: for the faults of a network.
//!
//! It knows nothing of what is spoken over it.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

mod connection;
mod faults;

pub use faults::Way;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::eventually;
use faults::{Faults, swallow};

/// A proxy in front of one server. Dropped, it stops and closes what goes over it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    faults: watch::Sender<Faults>,
    upstreams: watch::Sender<Vec<SocketAddr>>,
    accepted: watch::Receiver<usize>,
    accepting: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy in front of `upstream`, on a free port.
    pub async fn start(upstream: SocketAddr) -> Self {
        Self::before(vec![upstream]).await
    }

    /// Starts a proxy in front of several servers: each connection goes to the first one that takes it.
    pub async fn before(upstreams: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let (faults, seen) = watch::channel(Faults::default());
        let mut accepting = JoinSet::new();
        let (counter, accepted) = watch::channel(0);
        let (upstreams, known) = watch::channel(upstreams);
        accepting.spawn(accept(listener, known, seen, counter));
        Self {
            address,
            faults,
            upstreams,
            accepted,
            accepting,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on each new connection goes to the first one of these that takes it, as by a balancer that has looked who is
    /// well. Those that there are stay where they are.
    pub fn lead_to(&self, upstreams: Vec<SocketAddr>) {
        self.upstreams.send_replace(upstreams);
    }

    /// How many connections have been accepted since the start.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.accepted.borrow()
    }

    /// Waits until `count` connections have been accepted since the start.
    pub async fn wait_for_connections(&self, count: usize) {
        eventually("connections to the proxy", async || {
            let accepted = self.connections();
            if accepted >= count { Ok(()) } else { Err(accepted) }
        })
        .await;
    }

    /// Resets all connections. New ones are accepted.
    pub fn cut(&self) {
        self.faults.send_modify(|faults| faults.cuts += 1);
    }

    /// Ends one way of all connections, as who says that nothing more will come. The other way goes on. New ones are accepted.
    pub fn half_close(&self, way: Way) {
        self.faults.send_modify(|faults| *faults.ended.at(way) += 1);
    }

    /// Garbles the beginning of the next piece of data that goes this way over each connection there is: the head of a message,
    /// unless one comes in several pieces. What is changed inside a message nobody can notice who does not encrypt. New ones
    /// are as they should be.
    pub fn garble(&self, way: Way) {
        self.faults.send_modify(|faults| *faults.garbled.at(way) += 1);
    }

    /// Holds back what the server says. Nothing is lost: it goes on when this is ended.
    pub fn hold_replies(&self, hold: bool) {
        self.faults
            .send_modify(|faults| *faults.held.at(Way::Reply) = hold);
    }

    /// Ends a connection at the first word that the server says: the request was heard, and nobody learns of it.
    pub fn lose_replies(&self, lose: bool) {
        self.faults.send_modify(|faults| faults.lose_replies = lose);
    }

    /// Holds back both ways. Connections are accepted and nothing more, as by a stopped process.
    pub fn pause(&self, pause: bool) {
        self.faults.send_modify(|faults| {
            *faults.held.at(Way::Request) = pause;
            *faults.held.at(Way::Reply) = pause;
        });
    }

    /// Swallows everything, also what asks for a connection, without a sign that it was received: a black hole. What was
    /// swallowed is sent again when this is ended, if anybody still waits for it.
    pub fn swallow(&self, swallows: bool) {
        self.faults.send_modify(|faults| faults.swallows = swallows);
    }

    /// The network knows nothing of the connections there are, and never will again: whatever is sent over them is
    /// swallowed. New ones are as they should be.
    pub fn forget(&self) {
        self.faults.send_modify(|faults| faults.forgotten += 1);
    }

    /// Delays every piece of data, each way.
    pub fn latency(&self, latency: Duration) {
        self.faults.send_modify(|faults| faults.latency = latency);
    }

    /// Lets so many bytes pass in a second, each way; all that come if there is no number.
    pub fn bandwidth(&self, bytes_per_second: Option<NonZeroU32>) {
        self.faults
            .send_modify(|faults| faults.bandwidth = bytes_per_second);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let ended = self.accepting.try_join_next().and_then(Result::err);
        let broken = ended.is_some_and(|error| error.is_panic());
        assert!(
            !broken || std::thread::panicking(),
            "the proxy was no such network as the test asked for"
        );
    }
}

async fn accept(
    listener: TcpListener,
    upstreams: watch::Receiver<Vec<SocketAddr>>,
    mut faults: watch::Receiver<Faults>,
    counter: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    loop {
        let known = *faults.borrow_and_update();
        swallow(&listener, known.swallows);
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    counter.send_modify(|count| *count += 1);
                    let upstreams = upstreams.borrow().clone();
                    connections.spawn(connection::carry(client, upstreams, faults.clone()));
                }
            }
            Some(ended) = connections.join_next() => ended.expect("a connection is carried to its end"),
            Ok(()) = faults.changed() => {}
        }
    }
}
