//! Requests that a browser sends from another site with the user's cookie are refused.
//!
//! `Sec-Fetch-Site` decides where the browser sends it, `Origin` where it does not. A request that
//! carries a cookie and neither of them is refused too: programs use the `Authorization` header.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName};
use contracts::Code;

use crate::problem::Refused;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The other origins whose pages may use the session cookie.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Exactly these, as a browser writes them: `https://korrigo.example`.
    #[must_use]
    pub fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `origin` is one of them.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == origin)
    }
}

/// Refuses a request that changes something and comes with a cookie from elsewhere.
pub(crate) fn check_cookie(request: &HttpRequest, origins: &Origins) -> Result<(), Refused> {
    if changes_nothing(request.method()) || comes_from_here(request, origins) == Some(true) {
        return Ok(());
    }
    Err(Code::Csrf.into())
}

/// Refuses a login that another site's page sends: the victim would work in the attacker's session.
pub(crate) fn check_login(request: &HttpRequest, origins: &Origins) -> Result<(), Refused> {
    if comes_from_here(request, origins) == Some(false) {
        return Err(Code::Csrf.into());
    }
    Ok(())
}

fn changes_nothing(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// What the browser says of the page behind the request; `None` if it says nothing.
fn comes_from_here(request: &HttpRequest, origins: &Origins) -> Option<bool> {
    let text = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let origin = text(header::ORIGIN);
    let listed = origin.is_some_and(|origin| origins.allow(origin));
    match text(SEC_FETCH_SITE) {
        Some(site) => Some(listed || matches!(site, "same-origin" | "none")),
        None => origin.map(|origin| listed || is_host(origin, text(header::HOST))),
    }
}

/// Whether the origin is the host that was asked. The scheme is not compared: a proxy may have ended TLS.
fn is_host(origin: &str, host: Option<&str>) -> bool {
    origin.split_once("://").map(|(_, authority)| authority) == host && host.is_some()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn judged(headers: &[(&'static str, &'static str)]) -> bool {
        let mut request = TestRequest::post().insert_header(("host", "korrigo.example"));
        for header in headers {
            request = request.insert_header(*header);
        }
        let origins = Origins::new(vec!["https://marks.example".to_owned()]);
        check_cookie(&request.to_http_request(), &origins).is_ok()
    }

    #[test]
    fn only_our_own_pages_and_the_listed_origins_pass() {
        for (headers, expected) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://marks.example"),
                ],
                true,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://korrigo.example"),
                ],
                false,
            ),
            (&[("origin", "https://korrigo.example")], true),
            (&[("origin", "https://korrigo.example.evil.test")], false),
            (&[("origin", "null")], false),
        ] {
            assert_eq!(judged(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_program_that_logs_in_sends_neither_header_and_passes() {
        let request = TestRequest::post().to_http_request();
        assert!(check_login(&request, &Origins::default()).is_ok());
        let request = TestRequest::post()
            .insert_header(("sec-fetch-site", "cross-site"))
            .to_http_request();
        assert!(check_login(&request, &Origins::default()).is_err());
    }
}
