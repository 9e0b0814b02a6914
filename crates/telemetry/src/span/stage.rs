//! Spans of the stages of document work, so that a slow job says where its time went.

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{New, Span};

closed! {
    /// A stage of document work.
    Stage {
        /// The source is fetched and verified.
        Fetch = "pdf.fetch",
        /// The source is opened and checked.
        Inspect = "pdf.inspect",
        /// Pages become images.
        Rasterize = "pdf.rasterize",
        /// A scan of many copies is taken apart.
        Split = "pdf.split",
        /// Annotations and pages become one document.
        Flatten = "pdf.flatten",
        /// Results are stored.
        Store = "store.put",
    }
}

/// The span of a stage.
#[must_use]
pub fn stage(stage: Stage) -> Span {
    Span::start(New::child(stage.as_str(), SpanKind::Internal, Vec::new()))
}

impl Span {
    /// How much went through a stage.
    pub fn amount(&self, pages: u32, bytes: u64) {
        self.set(KeyValue::new("pages", i64::from(pages)));
        self.set(KeyValue::new("bytes", i64::try_from(bytes).unwrap_or(i64::MAX)));
    }
}
