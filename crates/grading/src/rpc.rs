//! The gRPC surface: each method takes the caller's session out of the metadata and hands over to the
//! use case of the same name. Nothing is decided here.

mod annotations;
mod audit;
mod batches;
mod copies;
mod drafts;
mod exams;
mod identities;
mod jobs;
mod locks;
mod marks;
mod results;
mod retention;
mod sessions;
mod students;
mod users;
mod work;

use std::fmt::Debug;

use contracts::{Code, Problem};
use telemetry::Causes;
use telemetry::events::{SessionThrottled, UseCaseFailed};
use telemetry::metrics::{self, LockConflict};
use tokio::sync::oneshot;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;
use crate::session::Session;

/// Implements every service of `korrigo.grading.v1`.
#[derive(Clone)]
pub(crate) struct Rpc {
    app: App,
}

impl Rpc {
    pub(crate) fn new(app: App) -> Self {
        Self { app }
    }

    /// The session that a call comes with, and what it asks.
    fn signed<T>(&self, request: Request<T>) -> Result<(Session, T), Status> {
        let session = Session::of(request.metadata(), self.app.session_lifetime)?;
        Ok((session, request.into_inner()))
    }
}

impl Rpc {
    /// Runs a use case to its end also if the caller goes away meanwhile. Its transaction would commit all
    /// the same, and what follows a commit has to follow: the audit log, the metrics.
    async fn to_its_end<T, W>(&self, use_case: impl FnOnce(App) -> W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.carried(self.app.for_changes(), use_case).await
    }

    /// The same for what comes in bulk, on its own share of the database.
    async fn in_bulk<T, W>(&self, use_case: impl FnOnce(App) -> W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.carried(self.app.for_bulk(), use_case).await
    }

    async fn carried<T, W>(&self, app: App, use_case: impl FnOnce(App) -> W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work = telemetry::carry(use_case(app));
        self.app.lifecycle.spawn_finite("use_case", async move {
            // Nobody may wait for it any more.
            let _gone = answer.send(work.await);
        });
        answered
            .await
            .unwrap_or_else(|_ending| Err(Code::Unavailable.into()))
    }
}

/// The answer of a use case, over gRPC. A failure that is ours is logged here, once, and so is a guess that
/// was not heard.
fn reply<T: Debug>(outcome: Result<T, Error>) -> Result<Response<T>, Status> {
    outcome.map(Response::new).map_err(status)
}

fn status(error: Error) -> Status {
    let causes = Causes::of(&error);
    if let Error::Throttled(blocked) = &error {
        telemetry::log(SessionThrottled {
            scope: telemetry::Code::of(blocked.scope),
            wait: blocked.wait.to_std().unwrap_or_default(),
        });
        metrics::guess_throttled(blocked.scope);
    }
    let problem = error.into_problem();
    if let Some(conflict) = conflict(problem.code) {
        metrics::lock_conflict(conflict);
    }
    if problem.code.http() >= 500 {
        telemetry::log(UseCaseFailed {
            code: telemetry::Code::of(problem.code),
            error: causes,
        });
    }
    Problem::into(problem)
}

/// What a refusal has to do with locks.
fn conflict(code: Code) -> Option<LockConflict> {
    let known = LockConflict::ALL.iter().copied();
    known
        .into_iter()
        .find(|conflict| conflict.as_str() == code.as_str())
}
