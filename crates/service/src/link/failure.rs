//! Why a connection with certificates did not come about.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};
use telemetry::events::TlsFailure;

/// What the error of a handshake, or of the first word after it, says.
pub(super) fn of(error: &io::Error) -> TlsFailure {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => of_tls(error),
        None => TlsFailure::Closed,
    }
}

fn of_tls(error: &Error) -> TlsFailure {
    if let Error::InvalidCertificate(error) = error {
        return of_certificate(error);
    }
    if let Error::AlertReceived(alert) = error {
        of_alert(*alert)
    } else if matches!(error, Error::NoCertificatesPresented) {
        TlsFailure::NoCertificate
    } else if matches!(error, Error::InvalidMessage(_)) {
        TlsFailure::NotTls
    } else {
        TlsFailure::Incompatible
    }
}

/// What the other side says of us.
fn of_alert(alert: AlertDescription) -> TlsFailure {
    use AlertDescription as Said;

    let nothing_in_common = [
        Said::ProtocolVersion,
        Said::HandshakeFailure,
        Said::NoApplicationProtocol,
    ];
    if nothing_in_common.contains(&alert) {
        TlsFailure::Incompatible
    } else {
        TlsFailure::Rejected
    }
}

fn of_certificate(error: &CertificateError) -> TlsFailure {
    use CertificateError as Bad;

    // An authority that was made again has the name of the one before, and another key.
    if matches!(error, Bad::UnknownIssuer | Bad::BadSignature) {
        TlsFailure::UnknownAuthority
    } else if matches!(error, Bad::NotValidForName | Bad::NotValidForNameContext { .. }) {
        TlsFailure::WrongName
    } else if matches!(error, Bad::InvalidPurpose | Bad::InvalidPurposeContext { .. }) {
        TlsFailure::WrongPurpose
    } else if matches!(error, Bad::Expired | Bad::ExpiredContext { .. }) {
        TlsFailure::Expired
    } else if matches!(error, Bad::NotValidYet | Bad::NotValidYetContext { .. }) {
        TlsFailure::NotYetValid
    } else {
        TlsFailure::BadCertificate
    }
}
