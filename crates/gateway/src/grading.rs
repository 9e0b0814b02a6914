//! The way to the grading service, which decides everything.
//!
//! Every call has a deadline, which travels with it, and carries the service token; calls for a person
//! carry their session too. A call that is safe to repeat is repeated once when its connection broke. A
//! call that is not is repeated if it never left; one of which nobody knows what became is answered with
//! `timeout`, never with "nothing was changed".

mod broken;
mod clients;
mod methods;
mod probe;
mod transport;

pub(crate) use clients::{
    annotations, audit, batches, copies, drafts, exams, identities, jobs, locks, marks, results, retention,
    sessions, students, users,
};
pub use methods::METHODS;
pub(crate) use probe::probe;
pub(crate) use transport::{Bare, Transport, connect, observed};

use std::time::Duration;

use contracts::{Code, Problem};
use failpoint::Point;
use tonic::{Request, Response, Status};

use crate::auth::Credentials;
use broken::Broken;

/// The client of the grading service.
#[derive(Clone)]
pub(crate) struct Grading {
    transport: Transport,
    deadline: Duration,
    /// The same for what is done to a whole exam.
    bulk_deadline: Duration,
}

impl Grading {
    /// A client over `transport` whose calls take no longer than `deadline`, and those in bulk no longer than
    /// `bulk_deadline`.
    pub(crate) fn new(transport: Transport, deadline: Duration, bulk_deadline: Duration) -> Self {
        Self {
            transport,
            deadline,
            bulk_deadline,
        }
    }

    /// The same client for a call in which all copies of an exam take part.
    pub(crate) fn in_bulk(&self) -> Self {
        Self {
            deadline: self.bulk_deadline,
            ..self.clone()
        }
    }

    /// A call that may be repeated: it reads, or it does the same thing once however often it is sent.
    pub(crate) async fn repeatable<M, R>(
        &self,
        caller: Option<&Credentials>,
        message: M,
        rpc: impl AsyncFn(Transport, Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Problem>
    where
        M: Clone,
    {
        match self.attempt(caller, message.clone(), &rpc).await {
            Err(status) if Broken::of(&status).is_some() => self
                .attempt(caller, message, &rpc)
                .await
                .map_err(|status| harmless(&status)),
            answered => answered.map_err(|status| harmless(&status)),
        }
    }

    /// A call that must not be repeated without knowing what became of it.
    pub(crate) async fn once<M, R>(
        &self,
        caller: Option<&Credentials>,
        message: M,
        rpc: impl AsyncFn(Transport, Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Problem>
    where
        M: Clone,
    {
        let answered = match self.attempt(caller, message.clone(), &rpc).await {
            Err(status) if Broken::of(&status) == Some(Broken::BeforeSending) => {
                self.attempt(caller, message, &rpc).await
            }
            answered => answered,
        };
        answered.map_err(|status| unrepeated(&status))
    }

    /// A request without a deadline, for streams that last.
    pub(crate) fn request<M>(caller: Option<&Credentials>, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(caller) = caller {
            request.metadata_mut().insert("authorization", caller.metadata());
        }
        request
    }

    /// The channel itself, for streams that last.
    pub(crate) fn transport(&self) -> Transport {
        self.transport.clone()
    }

    /// How long a call may take.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    async fn attempt<M, R>(
        &self,
        caller: Option<&Credentials>,
        message: M,
        rpc: impl AsyncFn(Transport, Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Status> {
        let mut request = Self::request(caller, message);
        request.set_timeout(self.deadline);
        let reply = rpc(self.transport(), request).await?;
        failpoint::reach(Point::Forwarded);
        Ok(reply.into_inner())
    }
}

/// The problem that the status of a call tells of which is not to be repeated.
pub(crate) fn unrepeated(status: &Status) -> Problem {
    match Broken::of(status) {
        Some(Broken::Underway) => Problem::of(Code::Timeout),
        Some(Broken::BeforeSending) | None => harmless(status),
    }
}

/// The problem that a status tells of. Without details from grading, `Cancelled` is the transport's word
/// for a deadline that has passed.
pub(crate) fn harmless(status: &Status) -> Problem {
    if status.details().is_empty() && status.code() == tonic::Code::Cancelled {
        return Problem::of(Code::Timeout);
    }
    if Broken::of(status).is_some() {
        return Problem::of(Code::Unavailable);
    }
    status.into()
}
