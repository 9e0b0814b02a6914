//! What is known about one line before it is written.

use chrono::{DateTime, Utc};
use opentelemetry::Context;
use opentelemetry::trace::{SpanId, TraceContextExt as _, TraceId};

use crate::audit::AuditLine;
use crate::clock;
use crate::context::RequestContext;
use crate::event::Descriptor;
use crate::loggable::Value;
use crate::place::Place;

/// One line.
#[derive(Debug)]
pub(crate) struct Record {
    pub at: DateTime<Utc>,
    pub request: Option<RequestContext>,
    pub span: Option<(TraceId, SpanId)>,
    pub content: Content,
}

/// What the line says.
#[derive(Debug)]
pub(crate) enum Content {
    Event {
        event: &'static Descriptor,
        values: Vec<Option<Value>>,
        logger: Logger,
        /// How many lines that said the same were left out before this one.
        suppressed: u64,
    },
    Audit(AuditLine),
}

/// Who says it.
#[derive(Debug)]
pub(crate) enum Logger {
    /// Our own code, at this place.
    Own(Place),
    /// A library, by its target.
    Library(String),
}

impl Record {
    pub(super) fn event(
        event: &'static Descriptor,
        values: Vec<Option<Value>>,
        logger: Logger,
        suppressed: u64,
    ) -> Self {
        Self::now(Content::Event {
            event,
            values,
            logger,
            suppressed,
        })
    }

    pub(super) fn audit(line: AuditLine) -> Self {
        Self::now(Content::Audit(line))
    }

    fn now(content: Content) -> Self {
        let (request, span) = Context::map_current(|context| {
            let span = context.span();
            let ids = span.span_context();
            let span = ids.is_valid().then(|| (ids.trace_id(), ids.span_id()));
            (context.get::<RequestContext>().cloned(), span)
        });
        Self {
            at: clock::now(),
            request,
            span,
            content,
        }
    }
}
