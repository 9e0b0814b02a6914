//! The one way in: a pool that nobody else sees, and transactions.
//!
//! The body of a transaction is plain synchronous code on a thread that may block. A caller that is dropped
//! while its transaction runs does not stop it: it commits or rolls back by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, NopErrorHandler, Pool};
use domain::Ids;
use failpoint::Point;
use telemetry::events::SchemaRefused;
use telemetry::metrics::PoolState;
use telemetry::{Causes, metrics, span};

use crate::config::Config;
use crate::error::{Error, of_connection};
use crate::gate::Gate;
use crate::migrations;
use crate::openssl;
use crate::report::{Outage, Report, Shortage};
use crate::room;
use crate::tx::Tx;
use crate::wire::Wire;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    connections: Connections,
    gate: Gate,
    config: Arc<Config>,
    ids: Ids,
    outage: Outage,
    shortage: Shortage,
    /// Whether it was told that the schema has become too new.
    outgrown: Arc<AtomicBool>,
}

impl Database {
    /// Reaches the database and makes sure that this program can work on its schema. Further connections are
    /// made when they are needed.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        let database = Self::unchecked(config);
        database.check().await.map(|()| database)
    }

    /// The database without a look at it, for who wants to know what is the matter with it: nothing is asked yet, and no table
    /// of ours has to be free. Whoever goes on [checks](Self::check) first.
    #[must_use]
    pub fn unchecked(config: Config) -> Self {
        Self {
            connections: Connections::new(&config),
            gate: Gate::new(config.max_connections, config.connection_wait),
            config: Arc::new(config),
            ids: Ids::time_ordered(),
            outage: Outage::default(),
            shortage: Shortage::default(),
            outgrown: Arc::default(),
        }
    }

    /// Makes sure that this program can work on the schema.
    pub async fn check(&self) -> Result<(), Error> {
        let checked = self.on_connection(migrations::require_known).await;
        if let Err(error @ (Error::SchemaBehind | Error::SchemaUnknown | Error::ForeignMessages)) = &checked {
            telemetry::log(SchemaRefused {
                error: Causes::of(error),
            });
        }
        checked
    }

    /// The same database by connections of its own: who is lent ours leaves their own half made, and a process must not end in
    /// the middle of that.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self::unchecked((*self.config).clone())
    }

    /// The same database for who changes something: a quarter of the connections is left to who reads, so that a table or a
    /// row that somebody keeps does not hold up those who do not want it.
    #[must_use]
    pub fn for_changes(&self) -> Self {
        Self {
            gate: self.gate.for_changes(),
            ..self.clone()
        }
    }

    /// The same database for work in bulk: it takes no more than half of the connections, so that who works at a desk
    /// does not wait for it. It has more patience with locks, as who works at a desk may hold them up.
    #[must_use]
    pub fn for_bulk(&self) -> Self {
        Self {
            gate: self.gate.for_bulk(),
            ..self.clone()
        }
    }

    /// Runs `work` in a transaction. It is committed if `work` succeeds, and rolled back if not, or if a
    /// statement failed that `work` made nothing of.
    ///
    /// `name` is the name of the use case, for traces and metrics.
    pub async fn transaction<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let report = Report {
            name,
            span: span::transaction(name),
            outage: self.outage.clone(),
            shortage: self.shortage.clone(),
        };
        let (connections, ids) = (self.connections.clone(), self.ids.clone());
        let bounds = self.gate.is_for_bulk().then(|| self.config.bounds_in_bulk());
        let permit = self
            .gate
            .enter()
            .await
            .inspect_err(|error| report.failed(error, self.config.connection_wait))?;
        let task = telemetry::blocking(move || {
            let _until_done = permit;
            let begun = Instant::now();
            let outcome = report
                .span
                .in_scope(|| connections.transaction(name, &ids, bounds, work));
            match &outcome {
                Ok(_) => report.committed(begun.elapsed()),
                Err(Outcome::Work(_, None)) => report.rolled_back(begun.elapsed()),
                Err(Outcome::Work(_, Some(error)) | Outcome::Driver(error)) => {
                    report.failed(error, begun.elapsed());
                }
            }
            outcome.map_err(Outcome::into_error)
        });
        joined(task.await)
    }

    /// Whether the database answers, and its schema, which may have changed, still supports this program.
    pub async fn ping(&self) -> Result<(), Error> {
        let answer = self.on_connection(migrations::require_supported).await;
        match &answer {
            Ok(()) => {
                self.outage.end();
                self.outgrown.store(false, Ordering::Relaxed);
            }
            Err(error) if error.is_outage() => self.outage.begin(error),
            Err(error @ Error::SchemaUnknown) => {
                if !self.outgrown.swap(true, Ordering::Relaxed) {
                    telemetry::log(SchemaRefused {
                        error: Causes::of(error),
                    });
                }
            }
            Err(_) => {}
        }
        answer
    }

    /// Whether the server has room: [`Error::Unwritable`] if not. It sorts more than it may keep in memory, which the server
    /// writes to a file beside the tables and removes at once. No row, no log of changes and no right is needed for it.
    pub async fn try_room(&self) -> Result<(), Error> {
        self.on_connection(|connection| Ok(room::try_it(connection)?))
            .await
    }

    /// Whether somebody's write was refused for want of room within this time.
    #[must_use]
    pub fn was_short_of_room(&self, within: Duration) -> bool {
        self.shortage.is_within(within)
    }

    /// How the connections are used at this moment.
    #[must_use]
    pub fn state(&self) -> PoolState {
        self.connections.state()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Runs `work` outside of a transaction, for what is no use case.
    async fn on_connection<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: FnOnce(&mut PgConnection) -> Result<T, Error> + Send + 'static,
        T: Send + 'static,
    {
        let permit = self.gate.enter().await?;
        let connections = self.connections.clone();
        let task = telemetry::blocking(move || {
            let _until_done = permit;
            connections.with(work)
        });
        joined(task.await)
    }
}

/// The result of a blocking task. A panic goes on in the caller.
fn joined<T, E: From<Error>>(task: Result<Result<T, E>, tokio::task::JoinError>) -> Result<T, E> {
    match task.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(result) => result,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The process is ending.
        Err(Err(_cancelled)) => Err(Error::Busy.into()),
    }
}

/// The pool. Whoever uses it has passed the gate, so a place is free: what may take time is connecting.
#[derive(Clone)]
struct Connections(Pool<ConnectionManager<PgConnection>>);

impl Connections {
    fn new(config: &Config) -> Self {
        openssl::keep_to_the_end();
        let pool = Pool::builder()
            .max_size(config.max_connections)
            .min_idle(Some(0))
            .connection_timeout(config.connect_timeout)
            .error_handler(Box::new(NopErrorHandler))
            .connection_customizer(Box::new(Beginning(config.beginning())))
            .build_unchecked(ConnectionManager::new(config.bounded_url()));
        Self(pool)
    }

    fn with<T, E: From<Error>>(&self, work: impl FnOnce(&mut PgConnection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.0.get().map_err(|why| not_in_time(&why))?;
        metrics::pool_connections(self.state());
        let result = work(&mut connection);
        // A connection that broke is thrown away here, not given to the next.
        drop(connection);
        metrics::pool_connections(self.state());
        result
    }

    fn transaction<T, E, F>(
        &self,
        name: &'static str,
        ids: &Ids,
        bounds: Option<String>,
        work: F,
    ) -> Result<T, Outcome<E>>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E>,
    {
        let committed = self.with(|connection| {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that opens transactions"
            )]
            connection.transaction(|connection| {
                if let Some(bounds) = bounds {
                    connection.batch_execute(&bounds)?;
                }
                let mut failed = None;
                match (
                    work(&mut Tx::new(Wire::new(connection, &mut failed, name), ids)),
                    failed,
                ) {
                    (Ok(result), None) => {
                        failpoint::reach_in(Point::Commit, name);
                        Ok(result)
                    }
                    (Ok(_), Some(_)) => Err(Outcome::Driver(Error::Abandoned)),
                    (Err(error), failed) => Err(Outcome::Work(error, failed)),
                }
            })
        })?;
        failpoint::reach_in(Point::Committed, name);
        Ok(committed)
    }

    fn state(&self) -> PoolState {
        let state = self.0.state();
        PoolState {
            idle: state.idle_connections,
            used: state.connections.saturating_sub(state.idle_connections),
            limit: self.0.max_size(),
        }
    }
}

/// What the pool says is what the last try said, after words of its own.
fn not_in_time(why: &diesel::r2d2::PoolError) -> Error {
    of_connection(why.to_string().split_once(": ").map(|(_, said)| said))
}

/// Why a transaction did not commit.
enum Outcome<E> {
    /// The work said so, perhaps because a statement of it failed.
    Work(E, Option<Error>),
    /// It could not be begun or committed.
    Driver(Error),
}

impl<E: From<Error>> Outcome<E> {
    fn into_error(self) -> E {
        match self {
            Self::Work(error, _) => error,
            Self::Driver(error) => error.into(),
        }
    }
}

impl<E> From<Error> for Outcome<E> {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl<E> From<diesel::result::Error> for Outcome<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Driver(error.into())
    }
}

/// Gives each new connection its role and its time limits.
#[derive(Debug)]
struct Beginning(String);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Beginning {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        connection
            .batch_execute(&self.0)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}
