//! The one subscriber of `tracing`, in two layers that see nothing of each other's: our spans go to
//! OpenTelemetry, and what libraries report goes to the log. Spans of libraries go nowhere, and what a
//! library reports is never attached to a span, where its words would leave the house.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::{span, third_party};

/// Another subscriber was there first, and stays.
pub(crate) struct Taken;

/// Begins to hand on spans and reports.
pub(crate) fn install(provider: &SdkTracerProvider) -> Result<(), Taken> {
    // Contexts are attached by `Span`, with the request in them, and nothing is told of a span but what the
    // span says itself. Which traces are recorded, the provider's sampler decides.
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("korrigo"))
        .with_context_activation(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_ours).with_max_level_hint(LevelFilter::INFO));
    let reports =
        third_party::Libraries.with_filter(filter_fn(is_report).with_max_level_hint(LevelFilter::WARN));
    let subscriber = tracing_subscriber::registry().with(spans).with(reports);
    tracing::subscriber::set_global_default(subscriber).map_err(|_taken| Taken)
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == span::TARGET
}

fn is_report(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() && *metadata.level() <= tracing::Level::WARN
}
