//! Settings: every one is a flag and a `KORRIGO_…` variable; the flag wins.
//!
//! A setting with `hide_env_values = true` is a secret. It comes from its variable or from a file that
//! `--<flag>-file` or `KORRIGO_…_FILE` names, and is refused on the command line, where every user of the
//! machine could read it:
//!
//! ```
//! #[derive(clap::Parser)]
//! struct Config {
//!     #[command(flatten)]
//!     service: service::Common,
//!     /// Where the database is.
//!     #[arg(long, env = "KORRIGO_DATABASE_URL", hide_env_values = true, value_parser = service::config::secret)]
//!     database_url: service::Secret,
//!     /// How long to wait for a connection.
//!     #[arg(long, env = "KORRIGO_DATABASE_WAIT", default_value = "3s", value_parser = service::config::duration)]
//!     database_wait: std::time::Duration,
//! }
//!
//! impl AsRef<service::Common> for Config {
//!     fn as_ref(&self) -> &service::Common {
//!         &self.service
//!     }
//! }
//!
//! impl service::Settings for Config {
//!     fn check(&self) -> Result<(), service::config::Invalid> {
//!         Ok(())
//!     }
//! }
//! ```
//!
//! A value parser of its own returns [`BadValue`], so that a mistake can be told without repeating the value.
//! What only shows when settings are seen together, or in the files that they name, is found by
//! [`check`](Settings::check); `build` may return [`Invalid`] too.

mod amqp;
mod common;
mod document;
mod error;
mod read;
mod secrets;
mod values;

pub use amqp::AmqpAuthority;
pub use common::{Common, Settings};
pub use document::markdown;
pub use domain::secret::{Secret, not_empty as secret};
pub use error::Invalid;
pub use read::{Misread, check_words, command_line};
pub(crate) use read::{Outcome, Sources, read};
pub use values::{BadValue, duration, failpoint, http_url, name, period, ratio, sentry_dsn, token};
