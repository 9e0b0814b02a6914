//! Spans of work that a service does of its own accord.

use opentelemetry::trace::SpanKind;

use super::{New, Parent, Span, remote};
use crate::propagation::Origin;

closed! {
    /// A task that takes up the work of a request of the past.
    Task {
        /// The reconciler.
        Reconciler = "reconciler",
        /// The telling of what could not be told at the time.
        Spool = "spool",
    }
}

/// The span of a task that goes on with what a request began, as a part of that request's trace.
#[must_use]
pub fn task(task: Task, origin: &Origin) -> Span {
    let cause = origin.traceparent.as_ref().and_then(remote::span_context);
    Span::start(New {
        parent: cause.map_or(Parent::Nobody, Parent::Remote),
        request: origin.request_context(),
        ..New::child(task.as_str(), SpanKind::Internal, Vec::new())
    })
}
