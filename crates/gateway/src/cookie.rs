//! The session cookie: `HttpOnly`, `SameSite=Strict`, for this host only, gone with the browser.

use actix_web::cookie::{Cookie, SameSite};

/// How the session cookie is called and guarded.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    /// Without TLS, for development: browsers refuse the `__Host-` prefix there.
    pub insecure: bool,
}

impl Cookies {
    /// The cookie's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self.insecure {
            "korrigo_session"
        } else {
            "__Host-korrigo_session"
        }
    }

    /// The cookie that carries `token`.
    pub(crate) fn holding(self, token: &str) -> Cookie<'static> {
        Cookie::build(self.name(), token.to_owned())
            .path("/")
            .http_only(true)
            .secure(!self.insecure)
            .same_site(SameSite::Strict)
            .finish()
    }

    /// The cookie that makes the browser forget the other.
    pub(crate) fn forgetting(self) -> Cookie<'static> {
        let mut cookie = self.holding("");
        cookie.make_removal();
        cookie
    }
}
