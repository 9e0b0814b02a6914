//! A TCP proxy that misbehaves on demand: for the faults of a network.
//!
//! It knows nothing of what is spoken over it.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::eventually;

/// A proxy in front of one server. Dropped, it stops and closes what goes over it.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    faults: watch::Sender<Faults>,
    accepted: watch::Receiver<usize>,
    _accepting: JoinSet<()>,
}

/// What is wrong with the network.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    /// Connections made before the last cut carry a smaller number, and end.
    generation: u64,
    hold_requests: bool,
    hold_replies: bool,
    lose_replies: bool,
    latency: Duration,
}

/// One of the two ways over a connection.
#[derive(Debug, Clone, Copy)]
enum Way {
    Request,
    Reply,
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
        accepting.spawn(accept(listener, upstreams.into(), seen, counter));
        Self {
            address,
            faults,
            accepted,
            _accepting: accepting,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until `count` connections have been accepted since the start.
    pub async fn wait_for_connections(&self, count: usize) {
        eventually("connections to the proxy", async || {
            let accepted = *self.accepted.borrow();
            if accepted >= count { Ok(()) } else { Err(accepted) }
        })
        .await;
    }

    /// Resets all connections. New ones are accepted.
    pub fn cut(&self) {
        self.faults.send_modify(|faults| faults.generation += 1);
    }

    /// Holds back what the server says. Nothing is lost: it goes on when this is ended.
    pub fn hold_replies(&self, hold: bool) {
        self.faults.send_modify(|faults| faults.hold_replies = hold);
    }

    /// Ends a connection at the first word that the server says: the request was heard, and nobody learns of it.
    pub fn lose_replies(&self, lose: bool) {
        self.faults.send_modify(|faults| faults.lose_replies = lose);
    }

    /// Holds back both ways. Connections are accepted and nothing more, as by a stopped process.
    pub fn pause(&self, pause: bool) {
        self.faults.send_modify(|faults| {
            faults.hold_requests = pause;
            faults.hold_replies = pause;
        });
    }

    /// Delays every piece of data, each way.
    pub fn latency(&self, latency: Duration) {
        self.faults.send_modify(|faults| faults.latency = latency);
    }
}

async fn accept(
    listener: TcpListener,
    upstreams: Arc<[SocketAddr]>,
    faults: watch::Receiver<Faults>,
    counter: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    counter.send_modify(|count| *count += 1);
                    connections.spawn(carry(client, Arc::clone(&upstreams), faults.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Carries one connection to its end, or until it is cut.
async fn carry(mut client: TcpStream, upstreams: Arc<[SocketAddr]>, mut faults: watch::Receiver<Faults>) {
    let born = faults.borrow().generation;
    // Given a list, it goes through it.
    let Ok(mut server) = TcpStream::connect(&*upstreams).await else {
        return;
    };
    for stream in [&client, &server] {
        // Small pieces go on at once, as they came. It fails on a connection that is gone already.
        let _ = stream.set_nodelay(true);
    }
    let (client_reads, client_writes) = client.split();
    let (server_reads, server_writes) = server.split();
    let requests = pump(client_reads, server_writes, Way::Request, faults.clone());
    let replies = pump(server_reads, client_writes, Way::Reply, faults.clone());
    let cut = tokio::select! {
        _ = async { tokio::try_join!(requests, replies) } => false,
        _ = faults.wait_for(|faults| faults.generation != born) => true,
    };
    if cut {
        // So that closing is a reset and not a goodbye.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    way: Way,
    mut faults: watch::Receiver<Faults>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        let latency = faults.borrow().latency;
        sleep(latency).await;
        let passing = faults.wait_for(|faults| !faults.holds(way)).await;
        drop(passing.map_err(io::Error::other)?);
        if read > 0 && faults.borrow().loses(way) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        match buffer.get(..read) {
            None | Some([]) => return to.shutdown().await,
            Some(bytes) => to.write_all(bytes).await?,
        }
    }
}

impl Faults {
    fn holds(self, way: Way) -> bool {
        match way {
            Way::Request => self.hold_requests,
            Way::Reply => self.hold_replies,
        }
    }

    fn loses(self, way: Way) -> bool {
        match way {
            Way::Request => false,
            Way::Reply => self.lose_replies,
        }
    }
}
