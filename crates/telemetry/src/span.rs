//! Spans, by typed constructors only: names and attributes follow the semantic conventions and hold no text
//! of a caller.
//!
//! Each is a span of `tracing`, with one target, that the subscriber hands to OpenTelemetry; the spans that
//! libraries make of themselves have other targets and never reach a collector.
//!
//! What is current inside a span is an OpenTelemetry context, which holds the span and the request. It is
//! attached here and not by the subscriber, so that a request is also known where no telemetry was started.
//! Once a span has begun, its name can only be changed through that context, so all changes go through it.

mod database;
mod messaging;
mod new;
mod registry;
mod remote;
mod request;
mod stage;
mod task;

pub use database::transaction;
pub use messaging::{Process, Publish, process, publish, settle};
pub(crate) use new::TARGET;
pub use registry::{SHAPES, Shape};
pub use request::{Trust, http_server, rpc_client, rpc_server};
pub use stage::{Amount, Stage, Staged, stage};
pub use task::{Task, task};

use std::future::Future;

use opentelemetry::context::{FutureExt as _, WithContext};
use opentelemetry::trace::{Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use tracing::Instrument as _;
use tracing::instrument::Instrumented;

use self::new::{New, Parent};
use crate::code::Code;
use crate::context::{self, RequestContext};
use crate::propagation::Origin;

/// A span together with the request it belongs to. It ends when the work given to [`Span::run`] ends, with
/// [`Span::end`], or with its last copy. A span that was made before its request was known takes the request
/// of the place where it is entered.
#[derive(Debug, Clone)]
pub struct Span {
    /// Keeps the span open.
    handle: tracing::Span,
    /// What is current inside.
    context: Context,
}

/// A future inside a span, wherever it is polled.
pub(crate) type Inside<F> = Instrumented<WithContext<F>>;

impl Span {
    /// The current span.
    #[must_use]
    pub fn current() -> Self {
        Self {
            handle: tracing::Span::current(),
            context: Context::current(),
        }
    }

    /// No span and no request.
    pub(crate) fn none() -> Self {
        Self {
            handle: tracing::Span::none(),
            context: Context::new(),
        }
    }

    /// Runs `future` inside the span, and ends the span with it.
    pub async fn run<F: Future>(self, future: F) -> F::Output {
        let output = self.entered().keep(future).await;
        self.end();
        output
    }

    /// Runs `future` inside the span, which goes on afterwards.
    pub fn enclose<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let span = self.clone();
        async move { span.entered().keep(future).await }
    }

    /// Runs `work` inside the span, which goes on afterwards.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        self.entered().hold(work)
    }

    /// Marks the span as failed with a code.
    pub fn failed(&self, error: Code) {
        let span = self.context.span();
        span.set_attribute(KeyValue::new("error.type", error.as_str()));
        span.set_status(Status::error(""));
    }

    /// Ends the span now.
    pub fn end(&self) {
        self.context.span().end();
    }

    /// What a message or a row has to carry so that later work continues from this span.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::of(&self.context)
    }

    pub(crate) fn set(&self, attribute: KeyValue) {
        self.context.span().set_attribute(attribute);
    }

    pub(crate) fn rename(&self, name: String) {
        self.context.span().update_name(name);
    }

    /// The span as that of `request`.
    pub(crate) fn of(&self, request: RequestContext) -> Self {
        Self {
            handle: self.handle.clone(),
            context: self.context.with_value(request),
        }
    }

    /// `future` inside the span, with its request and no other.
    pub(crate) fn keep<F: Future>(self, future: F) -> Inside<F> {
        future.with_context(self.context).instrument(self.handle)
    }

    /// Runs `work` inside the span, with its request and no other.
    pub(crate) fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        self.handle.in_scope(|| {
            let _attached = self.context.clone().attach();
            work()
        })
    }

    fn entered(&self) -> Self {
        match (self.context.get::<RequestContext>(), context::current()) {
            (None, Some(request)) => self.of(request),
            (Some(_), _) | (None, None) => self.clone(),
        }
    }
}
