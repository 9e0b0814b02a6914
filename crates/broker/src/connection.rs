//! One connection, from the TCP handshake to its end.
//!
//! The client library has no time limit for connecting and waits for ever for the last word of a broker that does not
//! speak any more, with a thread and a socket for each such connection. So the socket is kept at hand here, and a
//! connection that is given up is cut.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use lapin::tcp::AsyncTcpStream;
use lapin::{Connection, ConnectionProperties, Event};
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::net::{Shutdown, shutdown};
use tokio::net::TcpStream;

use crate::{Config, Error, wire};

/// How long the broker's last answers are waited for before the socket is cut.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);
/// The messages are small, and the client keeps buffers of 64 frames for each connection.
const FRAME_MAX: u32 = 16 * 1024;

/// A connection. Dropping it cuts the socket.
pub(crate) struct Link {
    connection: Connection,
    socket: Socket,
}

/// What the broker says about a connection as a whole.
pub(crate) struct Events {
    stream: BoxStream<'static, Event>,
    status: lapin::ConnectionStatus,
}

/// A change in the state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Blocked,
    Unblocked,
    Lost,
}

impl Link {
    pub(crate) async fn open(config: &Config) -> Result<(Self, Events), Error> {
        let socket = Socket::default();
        let slot = Arc::clone(&socket.0);
        let mut uri = config.uri.clone();
        uri.query.heartbeat = Some(
            u16::try_from(config.heartbeat.as_secs())
                .unwrap_or(u16::MAX)
                .max(1),
        );
        uri.query.frame_max = Some(FRAME_MAX);
        let properties =
            ConnectionProperties::default().with_connection_name(config.connection_name.as_str().into());
        let unheard = u32::try_from(config.heartbeat.saturating_mul(2).as_millis()).unwrap_or(u32::MAX);
        let tls = config.tls.clone();
        let connection = Connection::connector(
            uri,
            wire::runtime(),
            async move |uri, _runtime| {
                let place = (uri.authority.host.as_str(), uri.authority.port);
                let stream = TcpStream::connect(place).await?;
                stream.set_nodelay(true)?;
                // What is sent into a dead network counts as lost as soon as silence does.
                set_tcp_user_timeout(&stream, unheard).map_err(io::Error::from)?;
                keep(&slot, stream.as_fd().try_clone_to_owned()?);
                Ok(AsyncTcpStream::Plain(match &tls {
                    Some(tls) => wire::encrypted(tls.around(stream).await?),
                    None => wire::plain(stream),
                }))
            },
            properties,
        )
        .await
        .map_err(not_connected)?;
        let events = Events {
            stream: connection.events_listener().boxed(),
            status: connection.status().clone(),
        };
        Ok((Self { connection, socket }, events))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether the broker has stopped taking messages.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Ends the connection now. Everything that waits on it fails.
    pub(crate) fn cut(&self) {
        self.socket.cut();
    }

    /// Says farewell, so that what was sent before has arrived, and ends the connection.
    pub(crate) async fn close(&self) {
        // Nothing is left to be done if it fails: the socket is cut in any case.
        let _ = tokio::time::timeout(FAREWELL, self.connection.close(200, "goodbye".into())).await;
        self.cut();
    }
}

impl Events {
    /// The next change. After `Lost` there is no other.
    pub(crate) async fn next(&mut self) -> Change {
        // The listener only hears what happens after it was made.
        while self.status.connected() {
            match self.stream.next().await {
                Some(Event::ConnectionBlocked(_)) => return Change::Blocked,
                Some(Event::ConnectionUnblocked) => return Change::Unblocked,
                Some(Event::Error(_)) | None => return Change::Lost,
                Some(_) => {}
            }
        }
        Change::Lost
    }
}

/// What is wrong with TLS is told apart: nothing but other settings or another certificate helps.
fn not_connected(error: lapin::Error) -> Error {
    let of_tls = |io: &io::Error| io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    if matches!(error.kind(), lapin::ErrorKind::IOError(io) if of_tls(io)) {
        Error::Untrusted(error)
    } else {
        Error::Connect(error)
    }
}

/// A second handle of the socket under a connection. Dropping it cuts the socket, also one that is opened later.
#[derive(Default)]
struct Socket(Arc<Mutex<Slot>>);

#[derive(Default)]
enum Slot {
    #[default]
    NotYet,
    Open(OwnedFd),
    Cut,
}

impl Socket {
    fn cut(&self) {
        let slot = std::mem::replace(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            Slot::Cut,
        );
        if let Slot::Open(handle) = slot {
            cut(&handle);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.cut();
    }
}

fn keep(slot: &Mutex<Slot>, handle: OwnedFd) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    match *slot {
        Slot::NotYet | Slot::Open(_) => *slot = Slot::Open(handle),
        Slot::Cut => cut(&handle),
    }
}

fn cut(handle: &OwnedFd) {
    // It fails if the other side was first.
    let _ = shutdown(handle, Shutdown::Both);
}
