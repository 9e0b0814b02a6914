//! What Prometheus would scrape of a service, taken apart and judged by Prometheus' own tool.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;

use crate::environment::packages;
use crate::system::Service;

/// One scrape.
#[derive(Debug, Clone)]
pub struct Scrape {
    text: String,
    /// Every series with its labels, and its value.
    pub series: BTreeMap<String, f64>,
}

impl Scrape {
    /// Scrapes a service now.
    pub async fn of(service: &Service) -> Self {
        let text = service.metrics().await;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let series = lines
            .filter_map(|line| {
                let (name, value) = line.rsplit_once(' ')?;
                Some((name.to_owned(), value.parse().ok()?))
            })
            .collect();
        Self { text, series }
    }

    /// The names of the metrics.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        let types = self.text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        types.filter_map(|line| line.split(' ').next())
    }

    /// Whether a metric has a series with all of these labels.
    #[must_use]
    pub fn has(&self, metric: &str, labels: &[(&str, &str)]) -> bool {
        self.of_metric(metric).any(|(series, _)| {
            labels
                .iter()
                .all(|(name, value)| series.contains(&format!("{name}=\"{value}\"")))
        })
    }

    /// The sum of all series of a metric; of a histogram, how often it was observed.
    #[must_use]
    pub fn sum(&self, metric: &str) -> f64 {
        self.of_metric(metric).map(|(_, value)| value).sum()
    }

    fn of_metric(&self, metric: &str) -> impl Iterator<Item = (&String, f64)> {
        let names = [metric.to_owned(), format!("{metric}_count")];
        self.series
            .iter()
            .filter(move |(series, _)| {
                let name = series.split('{').next().unwrap_or_default();
                names.iter().any(|known| known == name)
            })
            .map(|(series, value)| (series, *value))
    }

    /// What `promtool check metrics` has to say; empty if it has nothing.
    #[must_use]
    pub fn faults(&self) -> String {
        let tool = packages().tool("prometheus", "promtool");
        let mut tool = tool.expect("promtool is installed: run the tests with `make test`");
        tool.args(["check", "metrics"]);
        tool.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut tool = tool.spawn().expect("promtool is there");
        let mut input = tool.stdin.take().expect("a pipe");
        input.write_all(self.text.as_bytes()).expect("it reads");
        drop(input);
        let said = tool.wait_with_output().expect("it ends");
        let mut faults = String::from_utf8_lossy(&said.stdout).into_owned();
        faults.push_str(&String::from_utf8_lossy(&said.stderr));
        if !said.status.success() {
            faults.push_str("it failed");
        }
        faults
    }
}
