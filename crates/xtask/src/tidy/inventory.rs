//! The metrics that there are: ours from `docs/metrics.md`, which is generated, and a few of others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::tidy::promql::{Matcher, Selector};

/// Labels that Prometheus gives to whatever it scrapes.
const OF_THE_TARGET: [&str; 2] = ["job", "instance"];

/// What Prometheus, Alertmanager and RabbitMQ show, as far as we use it.
const OF_OTHERS: [&str; 22] = [
    "up",
    "ALERTS",
    "alertmanager_notifications_failed_total",
    "process_max_fds",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "prometheus_rule_evaluation_failures_total",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_connections_opened_total",
    "rabbitmq_detailed_queue_consumers",
    "rabbitmq_detailed_queue_messages",
    "rabbitmq_detailed_queue_messages_ready",
    "rabbitmq_detailed_queue_messages_unacked",
    "rabbitmq_disk_space_available_bytes",
    "rabbitmq_disk_space_available_limit_bytes",
    "rabbitmq_process_max_fds",
    "rabbitmq_process_max_tcp_sockets",
    "rabbitmq_process_open_fds",
    "rabbitmq_process_open_tcp_sockets",
];

/// The labels of a metric, each with its values if they are a closed set.
type Labels = BTreeMap<String, Option<BTreeSet<String>>>;

/// Every metric of ours.
pub(crate) struct Inventory(BTreeMap<String, Labels>);

impl Inventory {
    /// Reads it from the generated document.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(root.join("docs/metrics.md")).context("docs/metrics.md could not be read")?;
        let inventory = Self::parse(&text);
        ensure!(!inventory.0.is_empty(), "docs/metrics.md has no table of metrics");
        Ok(inventory)
    }

    fn parse(text: &str) -> Self {
        let mut metrics = BTreeMap::new();
        for row in text.lines().filter(|line| line.starts_with("| `")) {
            let mut cells = row.split(" | ");
            let name = cells.next().unwrap_or_default().replace(['|', '`', ' '], "");
            let kind = cells.next().unwrap_or_default();
            let mut labels = labels(cells.next().unwrap_or_default());
            if kind.starts_with("histogram") {
                metrics.insert(format!("{name}_count"), labels.clone());
                metrics.insert(format!("{name}_sum"), labels.clone());
                labels.insert("le".to_owned(), edges(kind));
                metrics.insert(format!("{name}_bucket"), labels);
            } else {
                metrics.insert(name, labels);
            }
        }
        Self(metrics)
    }

    /// What a selector asks for that does not exist.
    pub(crate) fn unknown(&self, selector: &Selector) -> Vec<String> {
        let metric = selector.metric.as_str();
        match self.0.get(metric) {
            Some(labels) => selector
                .matchers
                .iter()
                .filter_map(|matcher| unknown_label(labels, matcher))
                .map(|what| format!("{metric} has no {what}"))
                .collect(),
            None if OF_OTHERS.contains(&metric) => Vec::new(),
            None => vec![format!("there is no metric {metric}")],
        }
    }
}

fn unknown_label(labels: &Labels, matcher: &Matcher) -> Option<String> {
    let label = &matcher.label;
    match labels.get(label) {
        None if OF_THE_TARGET.contains(&label.as_str()) => None,
        None => Some(format!("label {label}")),
        Some(None) => None,
        Some(Some(values)) => {
            let mut asked = matcher.value.split('|').map(|value| value.replace('\\', ""));
            let unknown = asked.find(|value| !value.contains(['*', '$', '[']) && !values.contains(value))?;
            Some(format!("{label} {unknown}"))
        }
    }
}

/// ``` `status`: success, failed; `pages_bucket`: 1-10, 11-50 ```
fn labels(cell: &str) -> Labels {
    let labels = cell.split("; ").filter_map(|label| label.split_once(": "));
    labels
        .map(|(name, values)| (name.replace('`', ""), closed(values)))
        .collect()
}

/// Values that are listed; what is only described in words is open.
fn closed(values: &str) -> Option<BTreeSet<String>> {
    let values: Vec<&str> = values.trim().split(", ").collect();
    let listed = values.iter().all(|value| !value.contains(' '));
    listed.then(|| values.into_iter().map(str::to_owned).collect())
}

/// ``` histogram (0.1 0.25) ```
fn edges(kind: &str) -> Option<BTreeSet<String>> {
    let (_, edges) = kind.split_once('(')?;
    let edges = edges.trim_end_matches(')').split(' ').chain(["+Inf"]);
    Some(edges.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::promql::selectors;

    const TABLE: &str = "| metric | kind | labels | services | meaning |\n|---|---|---|---|---|\n\
        | `a_seconds` | histogram (0.1 0.5) | `status`: success, failed; `path`: the templates | x | Time. |\n\
        | `b` | gauge |  | x | Number. |\n";

    fn unknown(expression: &str) -> Vec<String> {
        let inventory = Inventory::parse(TABLE);
        let selectors = selectors(expression);
        selectors
            .iter()
            .flat_map(|selector| inventory.unknown(selector))
            .collect()
    }

    #[test]
    fn what_exists_is_known() {
        let expression =
            r#"a_seconds_bucket{status=~"success|failed",path="/x",le="0.5",job="y"} or b or up{job="z"}"#;
        assert!(unknown(expression).is_empty());
    }

    #[test]
    fn metrics_labels_values_and_edges_that_do_not_exist_are_named() {
        assert_eq!(
            unknown("a_seconds > c"),
            ["there is no metric a_seconds", "there is no metric c"]
        );
        assert_eq!(unknown(r#"b{status="success"}"#), ["b has no label status"]);
        assert_eq!(
            unknown(r#"a_seconds_count{status=~"success|fine"}"#),
            ["a_seconds_count has no status fine"]
        );
        assert_eq!(
            unknown(r#"a_seconds_bucket{le="0.3"}"#),
            ["a_seconds_bucket has no le 0.3"]
        );
    }
}
