//! The headers that every answer has, for the safety of browsers and caches, and the one that ends a connection.

use actix_web::dev::ResponseHead;
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderName, HeaderValue};

/// This API has no pages: nothing in an answer may load, run or be framed.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What answers are protected with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Protection {
    /// Without TLS, for development.
    pub(super) insecure: bool,
    /// The process is about to end. Who keeps the connection is told to make another one, before this one is closed at the
    /// moment of its next use.
    pub(super) leaving: bool,
}

impl Protection {
    /// Adds the headers. Nothing is stored by anybody unless the handler has said otherwise.
    pub(super) fn apply(self, head: &mut ResponseHead) {
        if self.leaving {
            head.set_connection_type(ConnectionType::Close);
        }
        let headers = head.headers_mut();
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for (name, value) in [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-site",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if !self.insecure {
            let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
    }
}
