//! The address of a receiver, as it gives it out.

use std::str::FromStr;

use domain::secret::Secret;

/// The address of a receiver, with the key of the project: `http://key@host:port/project`.
#[derive(Debug, Clone)]
pub struct Dsn {
    key: Secret,
    /// With its port, if it is not the usual one.
    host: String,
    path: String,
}

/// The text is not such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not http://key@host:port/project")]
pub struct NotADsn;

impl Dsn {
    pub(super) fn key(&self) -> &str {
        self.key.expose()
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Where to connect to.
    pub(super) fn address(&self) -> String {
        let port = self.host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        match port {
            Some(Ok(_)) => self.host.clone(),
            Some(Err(_)) | None => format!("{}:80", self.host),
        }
    }

    /// Where envelopes are taken.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Dsn {
    type Err = NotADsn;

    fn from_str(text: &str) -> Result<Self, NotADsn> {
        let (key, place) = text
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('@'))
            .ok_or(NotADsn)?;
        let (host, path) = place.split_once('/').ok_or(NotADsn)?;
        // An earlier protocol had a second key, which nobody needs.
        let key = key.split(':').next().unwrap_or_default();
        let (below, project) = path.rsplit_once('/').unwrap_or(("", path));
        let is_good = [(key, ""), (host, ".-:[]"), (project, "-_")]
            .into_iter()
            .all(|(part, signs)| !part.is_empty() && is_plain(part, signs))
            && is_plain(below, ".-_/");
        let port = host.rsplit_once(':').filter(|_| !host.ends_with(']'));
        if !is_good || port.is_some_and(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(NotADsn);
        }
        let below = if below.is_empty() {
            String::new()
        } else {
            format!("/{below}")
        };
        Ok(Self {
            key: Secret::new(key),
            host: host.to_owned(),
            path: format!("{below}/api/{project}/envelope/"),
        })
    }
}

fn is_plain(text: &str, signs: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || signs.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_envelopes_go_and_hides_its_key() {
        for (text, address, path) in [
            (
                "http://k3y@errors.example/7",
                "errors.example:80",
                "/api/7/envelope/",
            ),
            (
                "http://k3y:old@errors.example:9000/below/it/7",
                "errors.example:9000",
                "/below/it/api/7/envelope/",
            ),
            ("http://k3y@[::1]:9000/7", "[::1]:9000", "/api/7/envelope/"),
            ("http://k3y@[::1]/7", "[::1]:80", "/api/7/envelope/"),
        ] {
            let dsn: Dsn = text.parse().unwrap();
            assert_eq!(
                (dsn.address().as_str(), dsn.path(), dsn.key()),
                (address, path, "k3y")
            );
            assert!(!format!("{dsn:?}").contains("k3y"));
        }
    }

    #[test]
    fn what_is_no_such_address_is_refused() {
        for text in [
            "",
            "https://k3y@errors.example/7",
            "http://errors.example/7",
            "http://k3y@errors.example",
            "http://k3y@errors.example/",
            "http://@errors.example/7",
            "http://k3y@/7",
            "http://k3y@errors.example/7\r\nX-More: 1",
            "http://k 3y@errors.example/7",
        ] {
            assert_eq!(text.parse::<Dsn>().err(), Some(NotADsn), "{text}");
        }
    }
}
