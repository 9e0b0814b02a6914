//! Settings of the grading-state service.

mod audit;
mod people;
mod retention;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use domain::copy::Room;
use domain::secret::Secret;
use domain::{FileSize, PageCount};
use service::config::{Invalid, period};
use service::link::Certificates;

pub(crate) use audit::Audit;
pub(crate) use people::People;
pub(crate) use retention::Retention;

/// The files of a copy together. Workers open all of them at once, and write one document that holds them.
const MAX_SOURCE_BYTES: u64 = 192 * 1024 * 1024;

/// The grading-state service of Korrigo.
#[derive(Parser)]
#[command(name = "korrigo-grading", version)]
pub struct Config {
    #[command(flatten)]
    pub(crate) service: service::Common,

    /// Where gRPC is served.
    #[arg(long, env = "KORRIGO_GRADING_LISTEN", default_value = "127.0.0.1:7070")]
    pub(crate) listen: SocketAddr,

    /// A file to write the address to that was really taken, for port 0.
    #[arg(long, env = "KORRIGO_GRADING_ADDRESS_FILE")]
    pub(crate) address_file: Option<PathBuf>,

    /// The token by which Korrigo's services know each other, at least 16 characters.
    #[arg(long, env = "KORRIGO_SERVICE_TOKEN", hide_env_values = true, value_parser = service::config::token)]
    pub(crate) service_token: Secret,

    #[command(flatten)]
    pub(crate) certificates: Certificates,

    /// PostgreSQL, as the role `korrigo_app`.
    #[arg(long, env = "KORRIGO_DATABASE_URL", hide_env_values = true, value_parser = service::config::secret)]
    pub(crate) database_url: Secret,

    /// How many connections to the database there may be.
    #[arg(long, env = "KORRIGO_DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) database_connections: u32,

    /// How long a request may wait for a connection before it is refused.
    #[arg(long, env = "KORRIGO_DATABASE_WAIT", default_value = "3s", value_parser = period)]
    pub(crate) database_wait: Duration,

    /// How long connecting to the database may take.
    #[arg(long, env = "KORRIGO_DATABASE_CONNECT_TIMEOUT", default_value = "5s", value_parser = period)]
    pub(crate) database_connect_timeout: Duration,

    /// How long one statement may take.
    #[arg(long, env = "KORRIGO_DATABASE_STATEMENT_TIMEOUT", default_value = "30s", value_parser = period)]
    pub(crate) database_statement_timeout: Duration,

    /// How long a statement may wait for a lock; it may want several. Less than a request may wait for a connection: who waits for a lock keeps one.
    #[arg(long, env = "KORRIGO_DATABASE_LOCK_TIMEOUT", default_value = "2s", value_parser = period)]
    pub(crate) database_lock_timeout: Duration,

    /// The same for work in bulk: what workers report, registering scans, what is done to all copies of an exam. It has no more than half of the connections.
    #[arg(long, env = "KORRIGO_DATABASE_BULK_LOCK_TIMEOUT", default_value = "10s", value_parser = period)]
    pub(crate) database_bulk_lock_timeout: Duration,

    /// How long a transaction may sit idle.
    #[arg(long, env = "KORRIGO_DATABASE_IDLE_TIMEOUT", default_value = "60s", value_parser = period)]
    pub(crate) database_idle_timeout: Duration,

    /// RabbitMQ.
    #[arg(long, env = "KORRIGO_AMQP_URL", hide_env_values = true, value_parser = service::config::secret)]
    pub(crate) amqp_url: Secret,

    #[command(flatten)]
    pub(crate) amqp_authority: service::config::AmqpAuthority,

    /// How long a worker may be silent before its job is given to another.
    #[arg(long, env = "KORRIGO_JOB_LEASE", default_value = "30s", value_parser = period)]
    pub(crate) job_lease: Duration,

    /// How often dead leases and lost messages are looked for.
    #[arg(long, env = "KORRIGO_RECONCILE_INTERVAL", default_value = "5s", value_parser = period)]
    pub(crate) reconcile_interval: Duration,

    /// After how long a job that waits without being claimed is announced again.
    #[arg(long, env = "KORRIGO_REANNOUNCE_AFTER", default_value = "2m", value_parser = period)]
    pub(crate) reannounce_after: Duration,

    /// How many scans may wait to be imported or taken apart. While so many do, no further ones are taken; corrections are.
    #[arg(long, env = "KORRIGO_MAX_WAITING_SCANS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_waiting_scans: u32,

    /// How many calls of one connection may be answered at a time. Others are refused at once.
    #[arg(long, env = "KORRIGO_MAX_CALLS", default_value = "1024")]
    pub(crate) max_calls: NonZeroUsize,

    /// After how long without a request a session ends.
    #[arg(long, env = "KORRIGO_SESSION_IDLE", default_value = "2h", value_parser = period)]
    pub(crate) session_idle: Duration,

    /// How long a session may last in any case.
    #[arg(long, env = "KORRIGO_SESSION_MAX", default_value = "12h", value_parser = period)]
    pub(crate) session_max: Duration,

    /// How many pages a document may have, as the workers have it: a merged copy has no more.
    #[arg(long, env = "KORRIGO_MAX_PAGES", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) max_pages: u16,

    #[command(flatten)]
    pub(crate) people: People,

    #[command(flatten)]
    pub(crate) audit: Audit,

    #[command(flatten)]
    pub(crate) retention: Retention,
}

impl AsRef<service::Common> for Config {
    fn as_ref(&self) -> &service::Common {
        &self.service
    }
}

impl service::Settings for Config {
    fn check(&self) -> Result<(), Invalid> {
        self.certificates.door()?;
        self.broker().map(drop)
    }
}

impl Config {
    /// How to reach RabbitMQ.
    pub(crate) fn broker(&self) -> Result<broker::Config, Invalid> {
        let (url, authority) = (self.amqp_url.expose(), self.amqp_authority.file());
        let config = broker::Config::new(url, authority, "korrigo-grading");
        config.map_err(|mistake| Invalid::new(mistake.key(), mistake.problem()))
    }

    /// What a merged copy may have.
    pub(crate) fn room(&self) -> Option<Room> {
        Some(Room {
            pages: PageCount::new(self.max_pages.into())?,
            bytes: FileSize::new(MAX_SOURCE_BYTES)?,
        })
    }

    /// The settings of the database.
    pub(crate) fn database(&self) -> store::Config {
        store::Config {
            url: self.database_url.clone(),
            as_owner: false,
            max_connections: self.database_connections,
            connection_wait: self.database_wait,
            connect_timeout: self.database_connect_timeout,
            statement_timeout: self.database_statement_timeout,
            lock_timeout: self.database_lock_timeout,
            bulk_lock_timeout: self.database_bulk_lock_timeout,
            idle_in_transaction_timeout: self.database_idle_timeout,
        }
    }
}
