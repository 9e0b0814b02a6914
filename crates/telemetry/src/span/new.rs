//! Making a span.

use std::borrow::Cow;

use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::Span;
use crate::context::{self, RequestContext};

/// The target of our spans, by which they are told from those of libraries.
pub(crate) const TARGET: &str = "korrigo";

/// What a new span is made of.
pub(super) struct New {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: SpanKind,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) parent: Parent,
    pub(super) links: Vec<SpanContext>,
    /// The request it belongs to, if that is not the current one.
    pub(super) request: Option<RequestContext>,
}

/// Which span a new one continues.
pub(super) enum Parent {
    Current,
    Remote(SpanContext),
    Nobody,
}

impl New {
    pub(super) fn child(
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        attributes: Vec<KeyValue>,
    ) -> Self {
        Self {
            name: name.into(),
            kind,
            attributes,
            parent: Parent::Current,
            links: Vec::new(),
            request: None,
        }
    }
}

impl Span {
    /// Begins a span. Without telemetry there is none, and what is current stays so, with the request.
    pub(super) fn start(new: New) -> Self {
        let parent = parent(new.parent, new.request);
        let handle = make(&new.name, &new.kind);
        // Only a span that has not begun takes a parent; reading its context begins it.
        if handle.set_parent(parent.clone()).is_err() {
            return Self {
                handle: tracing::Span::none(),
                context: parent,
            };
        }
        for attribute in new.attributes {
            handle.set_attribute(attribute.key, attribute.value);
        }
        for link in new.links {
            handle.add_link(link);
        }
        let context = handle.context();
        Self { handle, context }
    }
}

/// A parent elsewhere, or none, means a context of its own; only the request comes along.
fn parent(parent: Parent, request: Option<RequestContext>) -> Context {
    let parent = match parent {
        Parent::Current => Context::current(),
        Parent::Remote(span) => Context::new().with_remote_span_context(span),
        Parent::Nobody => Context::new(),
    };
    match request.or_else(context::current) {
        Some(request) => parent.with_value(request),
        None => parent,
    }
}

/// For `tracing` every span is a root: a child would keep its parent open, and the parent that counts is the
/// one of the context.
fn make(name: &str, kind: &SpanKind) -> tracing::Span {
    tracing::span!(
        target: TARGET,
        parent: None,
        tracing::Level::INFO,
        "span",
        otel.name = name,
        otel.kind = ?kind,
    )
}
