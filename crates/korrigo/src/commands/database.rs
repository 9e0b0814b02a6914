//! The option of commands that read or write what the services store.

use clap::Args;
use domain::secret::Secret;
use service::config::secret;
use store::Database;

use crate::Failure;
use crate::commands::migrate::advice;

/// The database, as the services see it.
#[derive(Debug, Args)]
pub(super) struct AppDatabase {
    /// The database, as the role `korrigo_app`.
    #[arg(long = "database-url", env = "KORRIGO_DATABASE_URL", hide_env_values = true, value_parser = secret)]
    url: Secret,
}

impl AppDatabase {
    /// Reaches it.
    pub(super) async fn connect(&self) -> Result<Database, Failure> {
        self.open().await.map_err(Failure::from)
    }

    /// The same for who has an answer to that it cannot be reached.
    pub(super) async fn open(&self) -> Result<Database, store::Error> {
        Database::connect(store::Config::new(self.url.clone())).await
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let advice = advice(&error);
        Self::new(error, advice)
    }
}
