//! What one side of the link has: its certificate with its key, and the authorities of the other side, out of their files.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, Error, RootCertStore};

use super::settings::{AUTHORITY, CERTIFICATE, KEY};
use crate::config::Invalid;

/// Who needs more names the authorities of a browser, with which anybody may call.
const MOST_AUTHORITIES: usize = 16;

const UNREADABLE: &str = "names a file that cannot be read";
const NO_CERTIFICATE: &str = "names a file without a certificate in PEM";
const STRANGE: &str = "names a file with a certificate that is damaged or of an unknown kind";

/// The certificates of one side.
pub(super) struct Material {
    pub(super) own: Arc<SingleCertAndKey>,
    pub(super) authorities: Arc<RootCertStore>,
    pub(super) provider: Arc<CryptoProvider>,
    /// When the first of its own certificates expires, in seconds since 1970.
    pub(super) valid_until: Option<u64>,
}

impl Material {
    /// Reads the files.
    pub(super) fn read(certificate: &Path, key: &Path, authority: &Path) -> Result<Self, Invalid> {
        let provider = Arc::new(ring::default_provider());
        let chain = certificates(certificate, CERTIFICATE)?;
        let own = CertifiedKey::from_der(chain, private_key(key)?, &provider);
        let own = own.map_err(|error| misfit(&error))?;
        let mut authorities = RootCertStore::empty();
        let named = certificates(authority, AUTHORITY)?;
        if named.len() > MOST_AUTHORITIES {
            return Err(Invalid::new(
                AUTHORITY,
                "names a file with more authorities than are of your own: whatever they sign would be let in",
            ));
        }
        for named in named {
            authorities
                .add(named)
                .map_err(|_damaged| Invalid::new(AUTHORITY, STRANGE))?;
        }
        let authorities = Arc::new(authorities);
        Ok(Self {
            valid_until: valid_until(&own.cert, &authorities, &provider),
            own: Arc::new(own.into()),
            authorities,
            provider,
        })
    }
}

fn certificates(file: &Path, key: &str) -> Result<Vec<CertificateDer<'static>>, Invalid> {
    let text = fs::read(file).map_err(|_io| Invalid::new(key, UNREADABLE))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|_not_pem| Invalid::new(key, NO_CERTIFICATE))?;
    if found.is_empty() {
        return Err(Invalid::new(key, NO_CERTIFICATE));
    }
    Ok(found)
}

/// When the first of them expires. Who verifies certificates says it of each, asked about the end of time.
fn valid_until(
    chain: &[CertificateDer<'_>],
    authorities: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Option<u64> {
    let (authorities, provider) = (Arc::clone(authorities), Arc::clone(provider));
    let verifier = WebPkiServerVerifier::builder_with_provider(authorities, provider).build();
    let (verifier, anybody) = (verifier.ok()?, ServerName::try_from("localhost").ok()?);
    let end_of_time = UnixTime::since_unix_epoch(Duration::MAX);
    let expired = chain.iter().filter_map(|certificate| {
        let said = verifier.verify_server_cert(certificate, &[], &anybody, &[], end_of_time);
        if let Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) = said {
            Some(not_after.as_secs())
        } else {
            None
        }
    });
    expired.min()
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Invalid> {
    let text = fs::read(file).map_err(|_io| Invalid::new(KEY, UNREADABLE))?;
    let none = "names a file without a key in PEM that needs no passphrase";
    PrivateKeyDer::from_pem_slice(&text).map_err(|_not_pem| Invalid::new(KEY, none))
}

/// What is wrong with a certificate and its key.
fn misfit(error: &Error) -> Invalid {
    if matches!(error, Error::InconsistentKeys(_)) {
        Invalid::new(KEY, "is not the key of the certificate")
    } else if matches!(error, Error::InvalidCertificate(_)) {
        Invalid::new(CERTIFICATE, STRANGE)
    } else {
        Invalid::new(KEY, "names a key that is damaged or of an unknown kind")
    }
}
