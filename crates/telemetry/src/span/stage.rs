//! The stages of document work: a span and a duration for each, so that a slow job says where its time went.

use std::future::Future;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{New, Span};
use crate::metrics;

closed! {
    /// A stage of document work.
    Stage {
        /// The source is fetched and verified.
        Fetch = "pdf.fetch",
        /// Pages become images.
        Rasterize = "pdf.rasterize",
        /// A scan of many copies is taken apart.
        Split = "pdf.split",
        /// A machine reads who wrote a copy.
        Read = "pdf.read",
        /// Annotations and pages become one document.
        Flatten = "pdf.flatten",
        /// Results are stored.
        Store = "store.put",
    }
}

/// How much went through a stage, as far as it knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amount {
    /// So many pages.
    pub pages: Option<u32>,
    /// So many bytes.
    pub bytes: Option<u64>,
}

/// A stage that has begun.
#[derive(Debug)]
#[must_use = "a stage is nothing without its work"]
pub struct Staged {
    stage: Stage,
    span: Span,
    begun: Instant,
}

/// Begins a stage.
pub fn stage(stage: Stage) -> Staged {
    Staged {
        stage,
        span: Span::start(New::child(stage.as_str(), SpanKind::Internal, Vec::new())),
        begun: Instant::now(),
    }
}

impl Staged {
    /// Runs `work` as the stage, and measures it. Work that is given up is not measured.
    pub async fn run<F: Future>(self, work: F) -> F::Output {
        self.weigh(work, |_output| Amount::default()).await
    }

    /// The same, and says how much there was of it.
    pub async fn weigh<F: Future>(self, work: F, amount: impl FnOnce(&F::Output) -> Amount) -> F::Output {
        let output = self.span.enclose(work).await;
        let Amount { pages, bytes } = amount(&output);
        if let Some(pages) = pages {
            self.span.set(KeyValue::new("pages", i64::from(pages)));
        }
        if let Some(bytes) = bytes {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            self.span.set(KeyValue::new("bytes", bytes));
        }
        self.span.end();
        metrics::stage_finished(self.stage, self.begun.elapsed());
        output
    }
}
