//! How to reach the broker, and how long to wait for it.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use lapin::uri::{AMQPScheme, AMQPUri};
use rand::RngExt as _;

use crate::Mistake;
use crate::tls::Tls;

/// Settings of one connection. The URL holds a password: `Debug` does not show it.
#[derive(Clone)]
pub struct Config {
    pub(crate) uri: AMQPUri,
    pub(crate) tls: Option<Tls>,
    pub(crate) connection_name: String,
    /// Both sides close a connection on which nothing was heard for two of these. Whole seconds.
    pub heartbeat: Duration,
    /// How long connecting, from the first packet to the last declared queue, may take.
    pub connect_timeout: Duration,
    /// How long a published message may wait for its confirmation.
    pub confirm_timeout: Duration,
    /// How long to wait between two attempts to connect.
    pub backoff: Backoff,
    /// How long a message is held before it goes back into its queue to be tried again.
    pub retry: Backoff,
}

impl Config {
    /// Settings for the broker at `url`, whose operators see the connection as `connection_name`. With `amqps:` it has to show a
    /// certificate, which one in the file `authority` has signed, or else one that this machine knows.
    pub fn new(url: &str, authority: Option<&Path>, connection_name: &str) -> Result<Self, Mistake> {
        // The parser's complaint quotes the URL, and so the password.
        let uri: AMQPUri = url.parse().map_err(|_quotes_the_url| Mistake::Url)?;
        // The parser knows no such address, and would have us talk to this machine.
        if host(url).starts_with('[') {
            return Err(Mistake::Host);
        }
        let tls = match (&uri.scheme, authority) {
            (AMQPScheme::AMQP, None) => None,
            (AMQPScheme::AMQP, Some(_)) => return Err(Mistake::Plain),
            (AMQPScheme::AMQPS, authority) => Some(Tls::new(&uri.authority.host, authority)?),
        };
        Ok(Self {
            uri,
            tls,
            connection_name: connection_name.to_owned(),
            heartbeat: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            confirm_timeout: Duration::from_secs(5),
            backoff: Backoff {
                min: Duration::from_millis(500),
                max: Duration::from_secs(30),
            },
            retry: Backoff {
                min: Duration::from_secs(2),
                max: Duration::from_mins(1),
            },
        })
    }
}

/// Where the host of a URL begins.
fn host(url: &str) -> &str {
    let (_scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("connection_name", &self.connection_name)
            .field("heartbeat", &self.heartbeat)
            .field("connect_timeout", &self.connect_timeout)
            .field("confirm_timeout", &self.confirm_timeout)
            .field("backoff", &self.backoff)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// Waiting times that double from `min` to `max`. Each is shortened by up to half, at random, so that all who wait for
/// the same thing do not come back at once.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Before the second attempt.
    pub min: Duration,
    /// Before any later one, at most.
    pub max: Duration,
}

impl Backoff {
    /// How long to wait after `failures` failed attempts in a row.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let longest = self.min.saturating_mul(factor).min(self.max);
        longest.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_double_up_to_the_longest() {
        let backoff = Backoff {
            min: Duration::from_millis(500),
            max: Duration::from_secs(30),
        };
        for (failures, longest) in [(1, 500), (2, 1_000), (3, 2_000), (7, 30_000), (80, 30_000)] {
            let longest = Duration::from_millis(longest);
            for _ in 0..20 {
                let wait = backoff.after(failures);
                assert!(wait <= longest && wait >= longest / 2, "{failures}: {wait:?}");
            }
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let config = Config::new("amqp://somebody:canary@127.0.0.1:5672/%2f", None, "test").unwrap();
        assert!(!format!("{config:?}").contains("canary"));
        let refused = Config::new("canary", None, "test").unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains("canary"));
    }

    #[test]
    fn a_url_and_an_authority_that_do_not_go_together_are_refused_without_a_try() {
        let of = |url: &str, authority: &str| Config::new(url, Some(Path::new(authority)), "test");
        let plain = of("amqp://somebody:canary@127.0.0.1/%2f", "/nowhere");
        assert!(matches!(plain, Err(Mistake::Plain)));
        for file in ["/nowhere", "/dev/null"] {
            let missing = of("amqps://somebody:canary@127.0.0.1/%2f", file);
            assert!(matches!(missing, Err(Mistake::Authority)), "{file}");
        }
        for own in [
            "amqp://somebody:canary@[fd00::1]/%2f",
            "amqps://somebody:canary@[::1]:5671/a@b",
            "amqp://[::1]",
        ] {
            assert!(
                matches!(Config::new(own, None, "test"), Err(Mistake::Host)),
                "{own}"
            );
        }
        let host = of("amqps://somebody:canary@no_name!/%2f", "/nowhere");
        assert!(matches!(host, Err(Mistake::Host | Mistake::Url)));
    }
}
