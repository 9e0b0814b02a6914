//! TLS to the broker, where its URL asks for it: it shows a certificate of a known authority for its host, or it is not talked to.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Mistake;

/// What the broker has to show.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// A certificate for `host`, of the authorities in this file, or of those that the machine knows.
    pub(crate) fn new(host: &str, authority: Option<&Path>) -> Result<Self, Mistake> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_not_a_name| Mistake::Host)?;
        let mut authorities = RootCertStore::empty();
        authorities.add_parsable_certificates(match authority {
            Some(file) => read(file)?,
            None => rustls_native_certs::load_native_certs().certs,
        });
        if authorities.is_empty() {
            return Err(Mistake::Authority);
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.map_err(|_no_cipher| Mistake::Authority)?;
        let config = builder.with_root_certificates(authorities).with_no_client_auth();
        Ok(Self {
            connector: Arc::new(config).into(),
            name,
        })
    }

    /// Has the broker at the other end show its certificate.
    pub(crate) async fn around(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, Mistake> {
    let certificates = CertificateDer::pem_file_iter(file).map_err(|_unreadable| Mistake::Authority)?;
    certificates
        .collect::<Result<_, _>>()
        .map_err(|_not_pem| Mistake::Authority)
}
