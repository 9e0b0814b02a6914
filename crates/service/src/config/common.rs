//! The settings that every service has.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::secret::Secret;
use telemetry::{Dsn, Level};

use super::{Invalid, duration, failpoint, http_url, name, ratio, secret, sentry_dsn};

/// The settings that every service has.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Process")]
pub struct Common {
    /// Read the configuration, say whether it is good, and end.
    #[arg(long, global = false)]
    pub check_config: bool,

    /// Ask the service that runs here with the same settings how ready it is: its answer, and exit code 0 if it is, else 1. For a container's health check.
    #[arg(long, global = false)]
    pub probe: bool,

    /// Where /livez, /readyz, /startupz and /metrics answer. Keep it on a loopback or private address; port 0 takes any free one.
    #[arg(
        long,
        env = "KORRIGO_ADMIN_LISTEN",
        default_value = "127.0.0.1:0",
        value_name = "ADDRESS"
    )]
    pub admin_listen: SocketAddr,

    /// A file into which the address of the admin listener is written once it answers.
    #[arg(long, env = "KORRIGO_ADMIN_ADDRESS_FILE", value_name = "FILE")]
    pub admin_address_file: Option<PathBuf>,

    /// A bearer token that is asked of whoever scrapes /metrics on the admin listener. Only with it the log level can be changed there: `PUT /log-level`.
    #[arg(long, env = "KORRIGO_ADMIN_TOKEN", hide_env_values = true, value_parser = secret, value_name = "TOKEN")]
    pub admin_token: Option<Secret>,

    /// A directory for log files. Without it, lines go to stderr only.
    #[arg(long, env = "KORRIGO_LOG_DIR", value_name = "DIRECTORY")]
    pub log_dir: Option<PathBuf>,

    /// The lowest level that is logged: debug, info, warning, error or critical. Until the next start it can be changed on the admin listener.
    #[arg(
        long = "log",
        env = "KORRIGO_LOG",
        default_value = "info",
        value_name = "LEVEL"
    )]
    pub log_level: Level,

    /// A collector that takes traces as OTLP over gRPC, such as `http://127.0.0.1:4317`. Without it, traces are not kept.
    #[arg(long, env = "KORRIGO_OTLP_ENDPOINT", value_parser = http_url, value_name = "URL")]
    pub otlp_endpoint: Option<String>,

    /// A receiver of errors that speaks the protocol of Sentry: `http://key@host:port/project`. It is told the code of each error and of which request it was, and nothing else. Without TLS: a relay in the same house takes it further. Without it, nobody is told.
    #[arg(long, env = "KORRIGO_SENTRY_DSN", hide_env_values = true, value_parser = sentry_dsn, value_name = "DSN")]
    pub sentry_dsn: Option<Dsn>,

    /// Which part of the traces that begin here is exported, from 0 to 1.
    #[arg(long, env = "KORRIGO_TRACE_SAMPLE_RATIO", default_value = "1", value_parser = ratio, value_name = "RATIO")]
    pub trace_sample_ratio: f64,

    /// Nothing is logged, counted and traced, and `audit.log` is not written. For benchmarks only, and refused in production: nobody knows what the service does.
    #[arg(long, env = "KORRIGO_BENCHMARK_WITHOUT_TELEMETRY", hide = true)]
    pub benchmark_without_telemetry: bool,

    /// Where this process dies, as by `kill -9`. For tests only: a program that is shipped has no such place and refuses it.
    #[arg(long, env = "KORRIGO_FAILPOINT", hide = true, value_parser = failpoint, value_name = "NAME")]
    pub failpoint: Option<failpoint::Plan>,

    /// The name of this process among several of the same service. Without it, service and process id.
    #[arg(long, env = "KORRIGO_INSTANCE", value_parser = name, value_name = "NAME")]
    pub instance: Option<String>,

    /// Where this runs, for traces: development, production.
    #[arg(
        long,
        env = "KORRIGO_ENVIRONMENT",
        default_value = "development",
        value_parser = name,
        value_name = "NAME"
    )]
    pub environment: String,

    /// The pause between being unready and taking no new work, so that load balancers notice. 5s in production.
    #[arg(long, env = "KORRIGO_DRAIN_DELAY", default_value = "0s", value_parser = duration, value_name = "DURATION")]
    pub drain_delay: Duration,

    /// How long running work may take to end after a signal.
    #[arg(long, env = "KORRIGO_DRAIN_TIMEOUT", default_value = "30s", value_parser = duration, value_name = "DURATION")]
    pub drain_timeout: Duration,

    /// Where systemd is told that the service has started, is alive every second, and ends. It sets this itself for units of `Type=notify`.
    #[arg(long, env = "NOTIFY_SOCKET", value_name = "SOCKET")]
    pub notify_socket: Option<PathBuf>,
}

/// All settings of a service.
pub trait Settings: AsRef<Common> {
    /// What is wrong though each value is good by itself: with settings that belong together, with the files that they name.
    fn check(&self) -> Result<(), Invalid>;
}
