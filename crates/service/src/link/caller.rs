//! The side that calls grading.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, version};
use telemetry::Quiet;
use telemetry::events::{TlsFailed, TlsFailure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::{BoxError, ServiceExt as _, service_fn};

use super::failure;
use super::material::Material;
use super::settings::CERTIFICATE;
use crate::config::Invalid;

/// The protocol that both sides speak inside TLS.
pub(super) const PROTOCOL: &[u8] = b"h2";
/// Enough for the first words of a connection. What comes later and is larger goes past it.
const FIRST_WORDS: usize = 1024;

/// How grading is reached.
#[derive(Clone)]
pub struct Link {
    endpoint: Endpoint,
    encrypted: Option<Arc<Encrypted>>,
}

struct Encrypted {
    connector: TlsConnector,
    name: ServerName<'static>,
    told: Quiet<TlsFailure>,
    valid_until: Option<u64>,
}

/// A connection on which grading has said its first word, which is kept for who reads it.
type Greeted = BufReader<TlsStream<TcpStream>>;

impl Link {
    /// Without certificates.
    pub(super) fn plain(endpoint: &Endpoint) -> Self {
        Self {
            endpoint: endpoint.clone(),
            encrypted: None,
        }
    }

    /// With a certificate on both sides; grading's is for this name.
    pub(super) fn encrypted(
        endpoint: &Endpoint,
        name: ServerName<'static>,
        material: &Material,
    ) -> Result<Self, Invalid> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&material.provider));
        let builder = builder.with_protocol_versions(&[&version::TLS13]);
        let builder =
            builder.map_err(|_no_cipher| Invalid::new(CERTIFICATE, "cannot be used with TLS 1.3"))?;
        let mut config = builder
            .with_root_certificates(Arc::clone(&material.authorities))
            .with_client_cert_resolver(Arc::<SingleCertAndKey>::clone(&material.own));
        config.alpn_protocols.push(PROTOCOL.into());
        config.resumption = Resumption::disabled();
        let encrypted = Encrypted {
            connector: Arc::new(config).into(),
            name,
            told: Quiet::new(),
            valid_until: material.valid_until,
        };
        Ok(Self {
            endpoint: endpoint.clone(),
            encrypted: Some(Arc::new(encrypted)),
        })
    }

    /// Until when the certificate that is shown to grading is valid, in seconds since 1970; `None` without one.
    #[must_use]
    pub fn valid_until(&self) -> Option<u64> {
        self.encrypted.as_ref()?.valid_until
    }

    /// A channel whose connections come about within `patience`, or not; `tune` says how it is otherwise. Nothing is sent yet: it
    /// connects when it is first needed, and again whenever the connection is lost.
    pub fn channel(&self, patience: Duration, tune: impl FnOnce(Endpoint) -> Endpoint) -> Channel {
        let endpoint = tune(self.endpoint.clone());
        let Some(encrypted) = &self.encrypted else {
            return endpoint.connect_timeout(patience).connect_lazy();
        };
        let encrypted = Arc::clone(encrypted);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(patience));
        endpoint.connect_with_connector_lazy(service_fn(move |uri: Uri| {
            let (tcp, encrypted) = (tcp.clone(), Arc::clone(&encrypted));
            async move {
                let begun = Instant::now();
                let stream = tcp.oneshot(uri).await?.into_inner();
                let left = patience.saturating_sub(begun.elapsed());
                let greeted = encrypted.greet(stream, left).await?;
                Ok::<_, BoxError>(TokioIo::new(greeted))
            }
        }))
    }
}

impl Encrypted {
    /// Both sides show their certificates, and grading says its first word.
    async fn greet(&self, stream: TcpStream, patience: Duration) -> io::Result<Greeted> {
        let greeted = timeout(patience, self.exchange(stream)).await;
        let greeted = greeted.map_err(|_elapsed| (TlsFailure::NoAnswer, io::ErrorKind::TimedOut.into()));
        let greeted = greeted.and_then(|said| said.map_err(|error| (failure::of(&error), error)));
        greeted.map_err(|(reason, error)| {
            if let Some(suppressed) = self.told.due(reason) {
                telemetry::log(TlsFailed { reason, suppressed });
            }
            error
        })
    }

    /// A certificate that grading does not accept ends the connection only after the handshake: in TLS 1.3 the caller shows its own
    /// last. The first word of HTTP/2 is the server's as much as the client's, so it says that all is well.
    async fn exchange(&self, stream: TcpStream) -> io::Result<Greeted> {
        let stream = self.connector.connect(self.name.clone(), stream).await?;
        let mut greeted = BufReader::with_capacity(FIRST_WORDS, stream);
        if greeted.fill_buf().await?.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(greeted)
    }
}
