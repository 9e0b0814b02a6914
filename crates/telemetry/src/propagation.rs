//! How the request id and the trace travel: HTTP headers, gRPC metadata, outbox rows, message headers.
//!
//! Only `x-request-id` and `traceparent` travel. `tracestate` and `baggage` are neither read nor written:
//! they have no integrity and would leave the house with every call.

use domain::{RequestId, TraceParent};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use crate::context::RequestContext;

/// The header, metadata key and message header of the request id.
pub const REQUEST_ID: &str = "x-request-id";
/// The header, metadata key and message header of the trace.
pub const TRACEPARENT: &str = "traceparent";

/// Where work comes from: what a message or an outbox row carries of the request that caused it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The support handle of the request.
    pub request_id: Option<RequestId>,
    /// The span that caused it.
    pub traceparent: Option<TraceParent>,
}

impl Origin {
    /// The running request and span.
    #[must_use]
    pub fn current() -> Self {
        Context::map_current(Self::of)
    }

    /// Reads `x-request-id` and `traceparent` with the given look-up. What is malformed counts as absent.
    pub fn read<'h>(header: impl Fn(&'static str) -> Option<&'h str>) -> Self {
        Self {
            request_id: header(REQUEST_ID).and_then(|text| text.parse().ok()),
            traceparent: header(TRACEPARENT).and_then(|text| text.parse().ok()),
        }
    }

    /// Reads the headers of a message.
    #[must_use]
    pub fn from_pairs(pairs: &[(String, String)]) -> Self {
        Self::read(|name| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        })
    }

    /// The headers of a message.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.entries()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// The request context of work that has this origin.
    #[must_use]
    pub fn request_context(&self) -> Option<RequestContext> {
        self.request_id.clone().map(RequestContext::new)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let request_id = self.request_id.as_ref().map(|id| (REQUEST_ID, id.as_str()));
        let traceparent = self
            .traceparent
            .as_ref()
            .map(|parent| (TRACEPARENT, parent.as_str()));
        request_id.into_iter().chain(traceparent)
    }

    pub(crate) fn of(context: &Context) -> Self {
        Self {
            request_id: context
                .get::<RequestContext>()
                .map(|request| request.request_id().clone()),
            traceparent: traceparent(context),
        }
    }
}

/// The running span as a `traceparent`.
#[must_use]
pub fn current_traceparent() -> Option<TraceParent> {
    Context::map_current(traceparent)
}

fn traceparent(context: &Context) -> Option<TraceParent> {
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return None;
    }
    let sampled = u8::from(span.is_sampled());
    format!("00-{}-{}-{sampled:02x}", span.trace_id(), span.span_id())
        .parse()
        .ok()
}
