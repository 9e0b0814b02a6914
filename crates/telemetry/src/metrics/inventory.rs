//! The one list of metrics.

use super::metric::{Label, Metric, Values};
use super::{
    audit, backups, batches, broker, copies, database, http, jobs, outbox, pdf, process, rpc, sessions,
    volumes,
};
use crate::name::ServiceName;

/// Every metric of the system.
pub(crate) fn inventory() -> impl Iterator<Item = &'static Metric> {
    [
        copies::FAMILY,
        batches::FAMILY,
        audit::FAMILY,
        backups::FAMILY,
        outbox::FAMILY,
        jobs::FAMILY,
        sessions::FAMILY,
        database::FAMILY,
        broker::FAMILY,
        http::FAMILY,
        rpc::FAMILY,
        pdf::FAMILY,
        process::FAMILY,
        volumes::FAMILY,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// What a process knows of its own label values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Which service it is.
    pub service: ServiceName,
    /// Its version.
    pub version: &'static str,
    /// The revision of its source.
    pub git_sha: &'static str,
}

impl Scope {
    /// Describes all metrics and makes those series of the service exist that are known beforehand.
    pub(super) fn begin(&self) {
        inventory().for_each(Metric::describe);
        for metric in inventory().filter(|metric| metric.services.contains(&self.service)) {
            if let Some(combinations) = combinations(metric.labels) {
                for values in combinations {
                    metric.touch(&values);
                }
            }
        }
        process::BUILD.set(&[self.version, self.git_sha], 1.0);
    }
}

/// All combinations of label values, if each label's set is closed.
fn combinations(labels: &[Label]) -> Option<Vec<Vec<&'static str>>> {
    labels
        .iter()
        .try_fold(vec![Vec::new()], |done, label| match label.values {
            Values::Named(_) => None,
            Values::Closed(values) => Some(
                done.iter()
                    .flat_map(|before| {
                        values()
                            .into_iter()
                            .map(|value| [before.as_slice(), &[value]].concat())
                    })
                    .collect(),
            ),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Kind;

    #[test]
    fn names_are_unique_and_follow_the_conventions() {
        let mut names: Vec<&str> = inventory().map(|metric| metric.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for metric in inventory() {
            let name = metric.name;
            assert_eq!(metric.kind == Kind::Counter, name.ends_with("_total"), "{name}");
            if matches!(metric.kind, Kind::Histogram(_)) {
                assert!(name.ends_with("_seconds"), "{name}");
            }
            assert!(metric.help.ends_with('.'), "{name}");
            assert!(!metric.services.is_empty(), "{name}");
        }
    }
}
