//! Looking within one deadline. Whoever asks at night has an answer in two seconds, and what did not say anything by then is
//! part of it.

use std::time::Duration;

use broker::SeenQueue;
use clap::Args;
use service::config::period;
use store::{Blocker, Database, Error, Tx};
use tokio::time::{Instant, timeout_at};

use crate::commands::queues::MaybeBroker;
use crate::diagnosis::Finding;

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
        Deadline::after(self.within)
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
pub(super) struct Deadline {
    at: Instant,
    /// How long not to look between two looks for who holds up others: less than a statement may take.
    pause: Duration,
}

impl Deadline {
    /// So long from now.
    pub(super) fn after(within: Duration) -> Self {
        Self {
            at: Instant::now() + within,
            pause: within * 2 / 5,
        }
    }

    /// What comes of it in time. What does not is left to itself.
    pub(super) async fn kept<T>(self, look: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.at, look).await.ok()
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

    /// Those who hold up others, the worst first.
    pub(super) async fn blockers(self, database: &Database) -> Result<Vec<Blocker>, Error> {
        let Self { pause, .. } = self;
        let listing = database.transaction("list_blockers", move |tx| tx.blockers().list(pause));
        self.database(listing).await
    }

    /// Whether this one holds up others.
    pub(super) async fn is_blocker(self, database: &Database, pid: i32) -> Result<bool, Error> {
        let Self { pause, .. } = self;
        let asking = database.transaction("find_blocker", move |tx| tx.blockers().is_one(pid, pause));
        self.database(asking).await
    }

    /// The tables, and apart from them who holds up others: who is held up sees nothing of the tables.
    pub(super) async fn tables<T: Send + 'static>(
        self,
        database: &Database,
        name: &'static str,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Sight<T> {
        let looking = async {
            database.check().await?;
            database.transaction(name, look).await
        };
        let apart = database.apart();
        match tokio::join!(self.blockers(&apart), self.database(looking)) {
            (Ok(blockers), tables) => Sight { blockers, tables },
            (Err(error), _) => Sight {
                blockers: Vec::new(),
                tables: Err(error),
            },
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
    /// What is the matter with the database. That somebody waits for somebody comes before all that follows from it.
    pub(super) fn finding(&self) -> Option<Finding> {
        if self.blockers.iter().any(|blocker| blocker.waiting > 0) {
            return Some(Finding::TransactionsBlocked);
        }
        self.tables.as_ref().err().map(Finding::of_database)
    }
}
