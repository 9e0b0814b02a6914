//! What a request carries with it through every task: its id, and who and what it turned out to be about.
//!
//! The context lives beside the current span, so whatever keeps the one keeps the other: [`scope`],
//! [`carry`] and [`blocking`]. The ids are set once; the first writer wins.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use domain::{CopyId, JobId, RequestId, UserId};
use opentelemetry::Context;

use crate::span::Span;

/// What every log line of a request says about it.
#[derive(Debug, Clone)]
pub struct RequestContext(Arc<Known>);

#[derive(Debug)]
struct Known {
    request_id: RequestId,
    user: OnceLock<UserId>,
    copy: OnceLock<CopyId>,
    job: OnceLock<JobId>,
}

impl RequestContext {
    /// The context of a request, or of a job that the request caused.
    #[must_use]
    pub fn new(request_id: RequestId) -> Self {
        Self(Arc::new(Known {
            request_id,
            user: OnceLock::new(),
            copy: OnceLock::new(),
            job: OnceLock::new(),
        }))
    }

    /// The support handle.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.0.request_id
    }

    /// Who asks, once that is known.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }

    /// The copy it is about, once that is known.
    #[must_use]
    pub fn copy(&self) -> Option<CopyId> {
        self.0.copy.get().copied()
    }

    /// The job it is about, once that is known.
    #[must_use]
    pub fn job(&self) -> Option<JobId> {
        self.0.job.get().copied()
    }
}

/// The context of the running request or job, if there is one.
#[must_use]
pub fn current() -> Option<RequestContext> {
    Context::map_current(|context| context.get::<RequestContext>().cloned())
}

/// The id of the running request, if there is one.
#[must_use]
pub fn request_id() -> Option<RequestId> {
    Context::map_current(|context| {
        context
            .get::<RequestContext>()
            .map(|known| known.request_id().clone())
    })
}

/// Says who asks. From here on every log line of the request names them.
pub fn set_user(user: UserId) {
    with_current(|known| _ = known.user.set(user));
}

/// Says which copy the request is about.
pub fn set_copy(copy: CopyId) {
    with_current(|known| _ = known.copy.set(copy));
}

/// Says which job the request is about.
pub fn set_job(job: JobId) {
    with_current(|known| _ = known.job.set(job));
}

fn with_current(note: impl FnOnce(&Known)) {
    Context::map_current(|context| {
        if let Some(request) = context.get::<RequestContext>() {
            note(&request.0);
        }
    });
}

/// Runs `future` as part of the request that `request` describes.
pub fn scope<F: Future>(request: RequestContext, future: F) -> impl Future<Output = F::Output> {
    Span::current().of(request).keep(future)
}

/// Lets `future` keep the current request and span wherever it is polled.
pub fn carry<F: Future>(future: F) -> impl Future<Output = F::Output> {
    Span::current().keep(future)
}

/// Lets `future` run without the request and span that happen to be current: for tasks that outlive them.
pub fn detach<F: Future>(future: F) -> impl Future<Output = F::Output> {
    Span::none().keep(future)
}

/// Runs `work` on a thread that may block, as part of the current request and span.
pub fn blocking<T, F>(work: F) -> tokio::task::JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.hold(work))
}
