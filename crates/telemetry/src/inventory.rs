//! The generated documents: every log event and every metric.

use std::fmt::Write as _;

use crate::events;
use crate::metrics::{Kind, Metric, Values, inventory};

/// `docs/logging.md`: every event with level, message and fields.
#[must_use]
pub fn events_markdown() -> String {
    let mut text = String::from(
        "# Log events\n\nGenerated from the registry in `crates/telemetry/src/events`. \
         Nothing else can be logged, and no field can hold text.\n\n\
         | event | level | message | fields |\n|---|---|---|---|\n",
    );
    for event in events::all() {
        let fields: Vec<String> = event
            .fields
            .iter()
            .map(|field| format!("`{}`", field.key()))
            .collect();
        // Writing to a string cannot fail.
        _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            event.code,
            event.level,
            event.message,
            fields.join(" ")
        );
    }
    text
}

/// `docs/metrics.md`: every metric with kind, labels, services and meaning.
#[must_use]
pub fn metrics_markdown() -> String {
    let mut text = String::from(
        "# Metrics\n\nGenerated from the inventory in `crates/telemetry/src/metrics`. \
         Every process also has the `process_*` metrics of the Prometheus conventions.\n\n\
         | metric | kind | labels | services | meaning |\n|---|---|---|---|---|\n",
    );
    for metric in inventory() {
        // Writing to a string cannot fail.
        _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            metric.name,
            kind(metric.kind),
            labels(metric),
            services(metric),
            metric.help
        );
    }
    text
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Counter => "counter".to_owned(),
        Kind::Gauge => "gauge".to_owned(),
        Kind::Histogram(buckets) => {
            let edges: Vec<String> = buckets.iter().map(ToString::to_string).collect();
            format!("histogram ({})", edges.join(" "))
        }
    }
}

fn labels(metric: &Metric) -> String {
    let labels: Vec<String> = metric
        .labels
        .iter()
        .map(|label| match label.values {
            Values::Closed(values) => format!("`{}`: {}", label.name, values().join(", ")),
            Values::Named(what) => format!("`{}`: {what}", label.name),
        })
        .collect();
    labels.join("; ")
}

fn services(metric: &Metric) -> String {
    let names: Vec<&str> = metric.services.iter().map(|service| service.as_str()).collect();
    names.join(", ")
}
