//! The settings of the link.

use std::path::PathBuf;

use clap::Args;
use rustls::pki_types::ServerName;
use tonic::transport::Endpoint;

use super::material::Material;
use super::{Door, Link};
use crate::config::{BadValue, Invalid};

const URL: &str = "--grading-url (KORRIGO_GRADING_URL)";
pub(super) const CERTIFICATE: &str = "--grading-tls-certificate (KORRIGO_GRADING_TLS_CERTIFICATE)";
pub(super) const KEY: &str = "--grading-tls-key (KORRIGO_GRADING_TLS_KEY)";
pub(super) const AUTHORITY: &str = "--grading-tls-authority (KORRIGO_GRADING_TLS_AUTHORITY)";

const HALF: &str = "is required, as other settings of TLS are given";
const NOT_A_URL: BadValue =
    BadValue("expected http://host:port, or https://host:port where certificates are given");

/// What grading and its callers show each other. All of it or nothing.
#[derive(Debug, Clone, Default, Args)]
pub struct Certificates {
    /// The certificate that this side of the link to grading shows, as a PEM file, with those between it and its authority. With it the link is encrypted, and nobody gets a call through without one.
    #[arg(long, env = "KORRIGO_GRADING_TLS_CERTIFICATE", value_name = "FILE")]
    pub grading_tls_certificate: Option<PathBuf>,

    /// The key of that certificate, as a PEM file without a passphrase.
    #[arg(long, env = "KORRIGO_GRADING_TLS_KEY", value_name = "FILE")]
    pub grading_tls_key: Option<PathBuf>,

    /// The authority that signs what the other side shows, as a PEM file. An authority for this alone: all that it signs is let in. The file may hold up to 16, for the time in which a new one comes.
    #[arg(long, env = "KORRIGO_GRADING_TLS_AUTHORITY", value_name = "FILE")]
    pub grading_tls_authority: Option<PathBuf>,
}

impl Certificates {
    /// How grading lets callers in; `None` if it asks for no certificate.
    pub fn door(&self) -> Result<Option<Door>, Invalid> {
        self.material()?.map(|material| Door::new(&material)).transpose()
    }

    fn material(&self) -> Result<Option<Material>, Invalid> {
        let files = (
            &self.grading_tls_certificate,
            &self.grading_tls_key,
            &self.grading_tls_authority,
        );
        match files {
            (None, None, None) => Ok(None),
            (Some(certificate), Some(key), Some(authority)) => {
                let material = Material::read(certificate, key, authority)?;
                if let Some(valid_until) = material.valid_until {
                    telemetry::metrics::certificate_shown(valid_until);
                }
                Ok(Some(material))
            }
            (None, _, _) => Err(Invalid::new(CERTIFICATE, HALF)),
            (_, None, _) => Err(Invalid::new(KEY, HALF)),
            (_, _, None) => Err(Invalid::new(AUTHORITY, HALF)),
        }
    }
}

/// Where grading is, and what it and its callers show each other.
#[derive(Debug, Clone, Args)]
pub struct Callee {
    /// Where the grading service is. With certificates `https://`, and grading's certificate has to be for this host.
    #[arg(long, env = "KORRIGO_GRADING_URL", default_value = "http://127.0.0.1:7070", value_parser = url, value_name = "URL")]
    pub grading_url: Box<Endpoint>,

    /// What both sides show.
    #[command(flatten)]
    pub certificates: Certificates,
}

impl Callee {
    /// The link to it.
    pub fn link(&self) -> Result<Link, Invalid> {
        let material = self.certificates.material()?;
        let encrypted = self.grading_url.uri().scheme_str() == Some("https");
        match (encrypted, material) {
            (false, None) => Ok(Link::plain(&self.grading_url)),
            (true, Some(material)) => {
                let name = host(&self.grading_url)
                    .ok_or_else(|| Invalid::new(URL, "has a host that no certificate can be for"))?;
                Link::encrypted(&self.grading_url, name, &material)
            }
            (true, None) => Err(Invalid::new(
                URL,
                "begins with https://, and no certificates are given",
            )),
            (false, Some(_)) => Err(Invalid::new(
                URL,
                "has to begin with https://, as certificates are given",
            )),
        }
    }
}

/// Where a gRPC server is: a host, perhaps a port, and nothing else.
fn url(text: &str) -> Result<Box<Endpoint>, BadValue> {
    let authority = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))
        .filter(|authority| !authority.contains(['@', '?', '#']))
        .ok_or(NOT_A_URL)?;
    let endpoint = Endpoint::from_shared(text.to_owned()).ok();
    let alone = !authority.trim_end_matches('/').contains('/');
    endpoint
        .filter(|endpoint| alone && endpoint.uri().host().is_some())
        .map(Box::new)
        .ok_or(NOT_A_URL)
}

/// The name that a certificate has to be for.
fn host(endpoint: &Endpoint) -> Option<ServerName<'static>> {
    let host = endpoint.uri().host()?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(bare.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// None of the files is there, so that what is complete is known by what is said next.
    fn certificates(given: [bool; 3]) -> Certificates {
        let [certificate, key, authority] = given;
        let file = |given: bool| given.then(|| PathBuf::from("/nowhere/hunter22"));
        Certificates {
            grading_tls_certificate: file(certificate),
            grading_tls_key: file(key),
            grading_tls_authority: file(authority),
        }
    }

    fn complaint(address: &str, given: [bool; 3]) -> String {
        let callee = Callee {
            grading_url: url(address).unwrap(),
            certificates: certificates(given),
        };
        match callee.link() {
            Ok(_) => "none".to_owned(),
            Err(invalid) => invalid.to_string(),
        }
    }

    #[test]
    fn certificates_are_given_completely_or_not_at_all() {
        assert_eq!(complaint("http://grading:7070", [false; 3]), "none");
        for (missing, key) in [CERTIFICATE, KEY, AUTHORITY].into_iter().enumerate() {
            let mut given = [true; 3];
            given[missing] = false;
            let expected = format!("{key}: {HALF}");
            assert_eq!(complaint("https://grading:7070", given), expected);
            let said = certificates(given)
                .door()
                .err()
                .map(|invalid| invalid.to_string());
            assert_eq!(said, Some(expected));
            given = [false; 3];
            given[missing] = true;
            assert!(complaint("https://grading:7070", given).ends_with(HALF));
        }
        assert_eq!(
            complaint("https://grading:7070", [true; 3]),
            format!("{CERTIFICATE}: names a file that cannot be read")
        );
        assert!(certificates([false; 3]).door().unwrap().is_none());
    }

    #[test]
    fn https_and_no_certificates_do_not_go_together() {
        assert_eq!(
            complaint("https://grading:7070", [false; 3]),
            format!("{URL}: begins with https://, and no certificates are given")
        );
    }

    #[test]
    fn the_address_of_a_grpc_server_is_a_host_and_a_port() {
        for good in [
            "http://127.0.0.1:7070",
            "https://grading:7070",
            "http://[::1]:7070/",
        ] {
            assert!(url(good).is_ok(), "{good}");
        }
        for refused in [
            "",
            "127.0.0.1:7070",
            "http://",
            "https://",
            "ftp://host",
            "http://a b",
            "http://me:pw@host",
            "http://host/path",
            "http://host?query",
        ] {
            assert!(url(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_certificate_is_for_the_host_of_the_address() {
        for (address, name) in [
            ("https://grading:7070", "grading"),
            ("https://127.0.0.1:7070", "127.0.0.1"),
            ("https://[::1]:7070", "::1"),
        ] {
            assert_eq!(host(&url(address).unwrap()).unwrap().to_str(), name);
        }
    }
}
