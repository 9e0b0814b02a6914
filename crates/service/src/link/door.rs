//! The side that is called: grading's.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::ready;
use futures::{Stream, StreamExt as _};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{ServerConfig, version};
use telemetry::Quiet;
use telemetry::events::{TlsFailure, TlsRefused};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::caller::PROTOCOL;
use super::failure;
use super::material::Material;
use super::settings::{AUTHORITY, CERTIFICATE};
use crate::config::Invalid;

/// How long a caller may take to show its certificate.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many callers may be at it at a time. Others wait to be accepted.
const AT_A_TIME: usize = 256;

/// What lets callers in that have a certificate, and nobody else.
pub struct Door {
    acceptor: TlsAcceptor,
    told: Quiet<TlsFailure>,
    valid_until: Option<u64>,
}

impl Door {
    pub(super) fn new(material: &Material) -> Result<Self, Invalid> {
        let (authorities, provider) = (Arc::clone(&material.authorities), Arc::clone(&material.provider));
        let verifier =
            WebPkiClientVerifier::builder_with_provider(authorities, Arc::clone(&provider)).build();
        let verifier =
            verifier.map_err(|_no_authority| Invalid::new(AUTHORITY, "cannot be used to know callers"))?;
        let builder =
            ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS13]);
        let builder =
            builder.map_err(|_no_cipher| Invalid::new(CERTIFICATE, "cannot be used with TLS 1.3"))?;
        let mut config = builder
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::<SingleCertAndKey>::clone(&material.own));
        config.alpn_protocols.push(PROTOCOL.into());
        // Each connection shows a certificate that is good now.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            acceptor: Arc::new(config).into(),
            told: Quiet::new(),
            valid_until: material.valid_until,
        })
    }

    /// Until when the certificate that it shows is valid, in seconds since 1970.
    #[must_use]
    pub const fn valid_until(&self) -> Option<u64> {
        self.valid_until
    }

    /// The connections whose callers have shown a certificate that is accepted. Who does not do so in time is sent away.
    pub fn admit(
        self,
        incoming: impl Stream<Item = io::Result<TcpStream>>,
    ) -> impl Stream<Item = io::Result<Admitted>> {
        let door = Arc::new(self);
        let admitted = incoming.map(move |arrived| {
            let door = Arc::clone(&door);
            async move {
                match arrived {
                    Ok(stream) => door.ask(stream).await.map(Ok),
                    Err(error) => Some(Err(error)),
                }
            }
        });
        admitted.buffer_unordered(AT_A_TIME).filter_map(ready)
    }

    async fn ask(&self, stream: TcpStream) -> Option<Admitted> {
        let reason = match timeout(PATIENCE, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => return Some(Admitted(stream)),
            Ok(Err(error)) => failure::of(&error),
            Err(_elapsed) => TlsFailure::NoAnswer,
        };
        // Who goes away without a word only looked whether somebody is there.
        if reason != TlsFailure::Closed
            && let Some(suppressed) = self.told.due(reason)
        {
            telemetry::log(TlsRefused { reason, suppressed });
        }
        None
    }
}

/// The connection of a caller that has shown its certificate.
pub struct Admitted(TlsStream<TcpStream>);

impl Connected for Admitted {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.0.get_ref().0.connect_info()
    }
}

impl AsyncRead for Admitted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Admitted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
