//! The option of commands that read or write what the services store.

use clap::Args;
use domain::secret::Secret;
use service::config::secret;
use store::{Database, Tx};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::migrate::advice;
use crate::commands::sight::Within;

/// The database, as the services see it.
#[derive(Debug, Args)]
pub(super) struct AppDatabase {
    /// The database, as the role `korrigo_app`.
    #[arg(long = "database-url", env = "KORRIGO_DATABASE_URL", hide_env_values = true, value_parser = secret)]
    url: Secret,
}

impl AppDatabase {
    /// Looks at it in one transaction of this name.
    pub(super) fn look<T: Send + 'static>(
        &self,
        name: &'static str,
        look: impl FnMut(&mut Tx<'_>) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        block_on(async { Ok(self.connect().await?.transaction(name, look).await?) })
    }

    /// Reaches it.
    pub(super) async fn connect(&self) -> Result<Database, Failure> {
        let connected = Database::connect(store::Config::new(self.url.clone())).await;
        connected.map_err(Failure::from)
    }

    /// The same for who has no time to wait, and an answer to whatever is the matter. Nothing is asked of it yet.
    pub(super) fn in_a_hurry(&self, within: Within) -> Database {
        let config = store::Config {
            connection_wait: within.way(),
            connect_timeout: within.way(),
            statement_timeout: within.statement(),
            lock_timeout: within.lock(),
            ..store::Config::new(self.url.clone())
        };
        Database::unchecked(config)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let (advice, code) = (advice(&error), (&error).into());
        Self::new(error, advice).called(code)
    }
}
