//! Looking within one deadline. Whoever asks at night has an answer in two seconds, and what did not say anything by then is
//! part of it.

use std::time::Duration;

use broker::SeenQueue;
use clap::Args;
use service::config::period;
use store::{Blocker, Database, Error, Tx};
use tokio::time::{Instant, timeout_at};

use crate::commands::queues::MaybeBroker;

/// How long a look may take.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Within {
    /// How long all of it may take together. What has not answered by then is told as silent.
    #[arg(long, env = "KORRIGO_LOOK_WITHIN", default_value = "1700ms", value_parser = period, value_name = "DURATION")]
    within: Duration,
}

impl Within {
    /// From now on.
    pub(super) fn deadline(self) -> Deadline {
        Deadline(Instant::now() + self.within)
    }

    /// How long the way to the database may take, so that there is time left for what comes after.
    pub(super) fn way(self) -> Duration {
        self.within * 2 / 3
    }

    /// How long one statement may take.
    pub(super) fn statement(self) -> Duration {
        self.within / 2
    }

    /// How long a statement may wait for somebody.
    pub(super) fn lock(self) -> Duration {
        self.within / 4
    }
}

/// When a look has to be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// What comes of it in time. What does not is left to itself.
    pub(super) async fn kept<T>(self, look: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.0, look).await.ok()
    }

    /// The same of the database.
    pub(super) async fn database<T>(self, look: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.kept(look).await.unwrap_or(Err(Error::Silent))
    }

    /// The queues; `None` if they are not to be looked at.
    pub(super) async fn queues(self, broker: &MaybeBroker) -> Option<Result<Vec<SeenQueue>, broker::Error>> {
        let looked = self.kept(broker.look()).await;
        looked.unwrap_or(Some(Err(broker::Error::ConnectTimeout)))
    }

    /// First who holds up others, then all else: who is held up sees nothing of the tables.
    pub(super) async fn tables<T: Send + 'static>(
        self,
        database: &Database,
        name: &'static str,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Sight<T> {
        let listing = database.transaction("list_blockers", |tx| tx.blockers().list());
        let blockers = match self.database(listing).await {
            Ok(blockers) => blockers,
            Err(error) => {
                return Sight {
                    blockers: Vec::new(),
                    tables: Err(error),
                };
            }
        };
        let looking = async {
            database.check().await?;
            database.transaction(name, look).await
        };
        Sight {
            blockers,
            tables: self.database(looking).await,
        }
    }
}

/// What could be seen of the database.
pub(super) struct Sight<T> {
    /// Those who hold up others, the worst first.
    pub(super) blockers: Vec<Blocker>,
    /// What the tables say.
    pub(super) tables: Result<T, Error>,
}

impl<T> Sight<T> {
    /// Whether somebody waits for somebody, or we do.
    pub(super) fn is_blocked(&self) -> bool {
        self.blockers.iter().any(|blocker| blocker.waiting > 0)
            || matches!(self.tables, Err(Error::Contention | Error::Deadlock))
    }
}
