//! The generated documents: every log event, every metric and every span.

use std::fmt::Write as _;

use crate::events;
use crate::metrics::{Kind, Metric, Values, inventory};
use crate::name::ServiceName;
use crate::span::SHAPES;

/// A file that a service holds open for writing.
#[derive(Debug)]
pub struct Held {
    /// Its name; `{name}` stands for a log and `{n}` for the number of one of several processes.
    pub name: &'static str,
    /// What is in it, who can read it, how long it is kept.
    pub what: [&'static str; 3],
}

/// Every file that a service holds open for writing, but for what it works on at the moment.
pub const HELD: &[Held] = &[
    Held {
        name: "{name}.log",
        what: [
            "every line of the service; in `audit.log` a copy of each event of the audit trail, by ids",
            "the account of the service, mode 0600",
            "10 MiB, and ten files before it",
        ],
    },
    Held {
        name: "{name}.{n}.log",
        what: [
            "the same, of another process of the service",
            "the account of the service, mode 0600",
            "10 MiB, and ten files before it",
        ],
    },
    Held {
        name: ".{name}.lock",
        what: [
            "nothing: who has it writes to that log",
            "the account of the service, mode 0600",
            "for ever",
        ],
    },
    Held {
        name: ".{name}.{n}.lock",
        what: [
            "nothing: who has it writes to that log",
            "the account of the service, mode 0600",
            "for ever",
        ],
    },
];

impl Held {
    /// Whether a file of this name is meant.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let (expected, found) = (self.name.split('.'), name.split('.'));
        expected.clone().count() == found.clone().count()
            && expected.zip(found).all(|(expected, found)| match expected {
                "{name}" => {
                    found == "audit" || ServiceName::ALL.iter().any(|service| service.as_str() == found)
                }
                "{n}" => found.parse::<u32>().is_ok(),
                word => word == found,
            })
    }
}

/// `docs/logging.md`: every event with level, message and fields.
#[must_use]
pub fn events_markdown() -> String {
    let mut text = String::from(
        "# Log events\n\nGenerated from the registry in `crates/telemetry/src/events`. \
         Nothing else can be logged, and no field can hold text.\n\n\
         ## Lines\n\n\
         One JSON object per line, with its keys in this order: `timestamp`, `level`, `severity_number`, `logger`, \
         `message`, `event`, `service`, `version`, `instance`, `environment`, then what is known of `request_id`, \
         `trace_id`, `span_id`, `user_id`, `copy_id` and `job_id`, then the fields of the event, `module` and `line`. \
         The same warning or error is written ten times a minute; the next one then says in `suppressed` how many were \
         left out. Requests and what is CRITICAL are never left out.\n\n\
         | where | what | who can read it | how long |\n|---|---|---|---|\n\
         | standard error | every line of the process; for people if it is a terminal | who started the process | as it says |\n\
         | a receiver that speaks Sentry's protocol | of each ERROR and CRITICAL line its code, service, release, environment, `request_id` and `trace_id` | who runs it; `KORRIGO_SENTRY_DSN` names it, without it there is none | as it says |\n",
    );
    for held in HELD {
        // Writing to a string cannot fail.
        _ = writeln!(text, "| `{}` | {} |", held.name, held.what.join(" | "));
    }
    text.push_str(
        "\nThe directory of the files is `KORRIGO_LOG_DIR`, mode 0750. A service holds no other file open for writing, but for what it \
         works on at the moment. Files are for looking into what just happened: what has to be kept is the audit trail in the \
         database, and what is shipped.\n\n\
         The lowest level that is written is `KORRIGO_LOG`. Until the next start it can be changed on the admin listener, where \
         `KORRIGO_ADMIN_TOKEN` is set; `log.level_changed` is written whatever the level is:\n\n\
         ```sh\ncurl -X PUT -H \"Authorization: Bearer $KORRIGO_ADMIN_TOKEN\" --data debug http://127.0.0.1:9090/log-level\n```\n\n\
         ## Events\n\n\
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

/// `docs/traces.md`: every span with its attributes.
#[must_use]
pub fn spans_markdown() -> String {
    let mut text = String::from(
        "# Spans\n\nGenerated from the list in `crates/telemetry/src/span/registry.rs`. \
         Nothing else is exported, and no attribute holds text of a caller. Every span belongs to a resource with \
         `service.name`, `service.namespace`, `service.version`, `service.instance.id`, \
         `deployment.environment.name` and `vcs.ref.head.revision`.\n\n\
         | name | kind | attributes | meaning |\n|---|---|---|---|\n",
    );
    for shape in SHAPES {
        let attributes: Vec<String> = shape.attributes.iter().map(|name| format!("`{name}`")).collect();
        // Writing to a string cannot fail.
        _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            shape.name,
            shape.kind,
            attributes.join(" "),
            shape.meaning
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

#[cfg(test)]
mod tests {
    use super::HELD;

    #[test]
    fn files_are_told_by_their_names() {
        let known = |name: &str| HELD.iter().any(|held| held.fits(name));
        for name in [
            "grading.log",
            "gateway.2.log",
            "audit.log",
            ".pdf-worker.lock",
            ".audit.3.lock",
        ] {
            assert!(known(name), "{name}");
        }
        for name in ["grading.log.1", "dupont.log", "grading.x.log", "core", ".lock"] {
            assert!(!known(name), "{name}");
        }
    }
}
