//! Connections to grading for which both sides show a certificate.

closed! {
    /// Why such a connection does not come about, as the side sees it that says so.
    TlsFailure {
        /// The other side speaks something else.
        NotTls = "not_tls",
        /// The other side shows no certificate.
        NoCertificate = "no_certificate",
        /// No authority that is accepted here has signed the other side's certificate.
        UnknownAuthority = "unknown_authority",
        /// The other side's certificate is for another host than the one that was called.
        WrongName = "wrong_name",
        /// The other side's certificate is not for calling, or not for being called.
        WrongPurpose = "wrong_purpose",
        /// The other side's certificate has expired, by this side's clock.
        Expired = "expired",
        /// The other side's certificate is not valid yet, by this side's clock.
        NotYetValid = "not_yet_valid",
        /// The other side's certificate is damaged, or of a kind that is not known.
        BadCertificate = "bad_certificate",
        /// The other side does not accept this side's certificate, and says why in its own log.
        Rejected = "rejected",
        /// The other side does not answer in time.
        NoAnswer = "no_answer",
        /// The other side goes away in the middle.
        Closed = "closed",
        /// The two sides have nothing in common: another version, or other methods.
        Incompatible = "incompatible",
    }
}

events! {
    TLS;

    TlsFailed = Warning "tls.failed" "no connection with certificates to the grading service comes about" {
        reason: TlsFailure,
        suppressed: u64,
    }
    TlsRefused = Warning "tls.refused" "a connection to the grading service was refused before its first call" {
        reason: TlsFailure,
        suppressed: u64,
    }
}
