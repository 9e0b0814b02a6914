//! How to reach the database, and how long to wait for it.

use std::time::Duration;

use domain::secret::Secret;

/// After how long without a sign that it was received what was sent counts as lost, and the connection with it.
const UNHEARD: Duration = Duration::from_secs(5);
/// When a connection on which nothing happens is tried, and how often before it counts as lost.
const PROBE_AFTER: Duration = Duration::from_secs(3);
const PROBE_EVERY: Duration = Duration::from_secs(1);
const PROBES: u32 = 3;

/// Makes the owner of the schema of who may.
pub(crate) const BECOME_OWNER: &str = "SET ROLE korrigo_owner; ";

/// Settings of a [`Database`](crate::Database). The binaries fill it from their options.
#[derive(Debug, Clone)]
pub struct Config {
    /// `postgres://user:password@host:port/database`.
    pub url: Secret,
    /// Whether to work as the owner of the schema, who may do what services may not.
    pub as_owner: bool,
    /// How many connections there may be at once.
    pub max_connections: u32,
    /// How long a transaction may wait for a free connection.
    pub connection_wait: Duration,
    /// How long a new connection may take.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// The same for work in bulk.
    pub bulk_lock_timeout: Duration,
    /// How long a transaction may do nothing.
    pub idle_in_transaction_timeout: Duration,
}

impl Config {
    /// The defaults, for the database at `url`.
    #[must_use]
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            as_owner: false,
            max_connections: 8,
            connection_wait: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(2),
            bulk_lock_timeout: Duration::from_secs(10),
            idle_in_transaction_timeout: Duration::from_secs(30),
        }
    }

    /// The same for the owner of the schema, at the URL of a role that may become it.
    #[must_use]
    pub fn of_owner(url: Secret) -> Self {
        Self {
            as_owner: true,
            ..Self::new(url)
        }
    }

    /// The URL with bounds for the network: a peer that vanished is noticed, whatever the system's own
    /// defaults are, and before callers have lost their patience. Kerberos is not asked whether it could encrypt: nobody expects
    /// it to, and a process that ends meanwhile crashes. What the URL already says is left alone.
    pub(crate) fn bounded_url(&self) -> String {
        let unheard = UNHEARD.as_millis();
        let bounds = [
            (
                "connect_timeout",
                self.connect_timeout.as_secs().max(2).to_string(),
            ),
            ("keepalives_idle", PROBE_AFTER.as_secs().to_string()),
            ("keepalives_interval", PROBE_EVERY.as_secs().to_string()),
            ("keepalives_count", PROBES.to_string()),
            ("tcp_user_timeout", unheard.to_string()),
            ("fallback_application_name", "korrigo".to_owned()),
            ("gssencmode", "disable".to_owned()),
        ];
        let mut url = self.url.expose().to_owned();
        for (name, value) in bounds {
            if !url.contains(&format!("{name}=")) {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.extend([name, "=", &value]);
            }
        }
        url
    }

    /// What is different in a transaction of work in bulk.
    pub(crate) fn bounds_in_bulk(&self) -> String {
        format!("SET LOCAL lock_timeout = {}", self.bulk_lock_timeout.as_millis())
    }

    /// What each connection begins with: as whom it works, and its bounds.
    pub(crate) fn beginning(&self) -> String {
        let role = if self.as_owner { BECOME_OWNER } else { "" };
        format!("{role}{}", self.timeouts())
    }

    /// The bounds that the server keeps, for one connection. It notices as soon as we do that the other side is gone: until
    /// then it keeps what a transaction has locked.
    fn timeouts(&self) -> String {
        format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {};
             SET tcp_keepalives_idle = {}; SET tcp_keepalives_interval = {}; SET tcp_keepalives_count = {PROBES};
             SET tcp_user_timeout = {}",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis(),
            self.idle_in_transaction_timeout.as_millis(),
            PROBE_AFTER.as_secs(),
            PROBE_EVERY.as_secs(),
            UNHEARD.as_millis(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_added_to_the_url_unless_it_has_its_own() {
        let plain = Config::new(Secret::new("postgres://a:b@localhost/korrigo")).bounded_url();
        assert!(plain.starts_with("postgres://a:b@localhost/korrigo?connect_timeout=5&"));
        let own = Config::new(Secret::new("postgres://localhost/korrigo?connect_timeout=9")).bounded_url();
        assert!(own.contains("connect_timeout=9&") && !own.contains("connect_timeout=5"));
    }
}
