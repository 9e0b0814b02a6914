//! What is under a connection: a socket, in the clear or with TLS around it.
//!
//! The client library would bring a second way to do TLS for that; but it takes whatever kind of socket its runtime has.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_compat::Compat;
use async_rs::Tokio;
use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use futures::Stream;
use futures::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

/// A socket, as the client library takes it.
pub(crate) type Wire = Compat<Either<TcpStream, TlsStream<TcpStream>>>;
/// The runtime whose sockets these are.
pub(crate) type Runtime = async_rs::Runtime<RuntimeParts<Tokio, Wires>>;

/// The runtime around the caller.
pub(crate) fn runtime() -> Runtime {
    Runtime::new(RuntimeParts::new(Tokio::current(), Wires(Tokio::current())))
}

/// A plain socket.
pub(crate) fn plain(stream: TcpStream) -> Wire {
    Compat::new(Either::Left(stream))
}

/// One with TLS.
pub(crate) fn encrypted(stream: TlsStream<TcpStream>) -> Wire {
    Compat::new(Either::Right(stream))
}

/// Timers of tokio, and sockets of ours.
#[derive(Debug, Clone)]
pub(crate) struct Wires(Tokio);

impl Reactor for Wires {
    type TcpStream = Wire;
    type Sleep = Sleep;

    /// The client library has no other sockets.
    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Wire, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, pause: Duration) -> Sleep {
        self.0.sleep(pause)
    }

    fn interval(&self, period: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(period)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Wire>> + Send + 'static {
        async move { TcpStream::connect(address).await.map(plain) }
    }
}
