//! Spans of other processes, as a `traceparent` names them.

use domain::TraceParent;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The span that a `traceparent` names. `tracestate` is never taken from outside.
pub(super) fn span_context(traceparent: &TraceParent) -> Option<SpanContext> {
    let mut parts = traceparent.as_str().split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let sampled = TraceFlags::default().with_sampled(flags & 1 == 1);
    Some(SpanContext::new(trace, span, sampled, true, TraceState::NONE))
}
