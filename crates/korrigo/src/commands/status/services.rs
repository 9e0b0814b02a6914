//! What the services say of themselves on their admin listeners.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::diagnosis::Finding;

/// How long a service may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// How ready a service says it is.
pub(super) struct Said {
    url: String,
    /// One word.
    status: String,
    /// The checks behind it that are not well.
    failing: Vec<String>,
}

/// Asks each of them.
pub(super) async fn ask(urls: &[String]) -> Vec<Said> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let mut services = Vec::new();
    for url in urls {
        let answer = match &client {
            Ok(client) => readiness(client, url).await,
            Err(_) => None,
        };
        services.push(Said::from(url, answer.as_ref()));
    }
    services
}

async fn readiness(client: &reqwest::Client, url: &str) -> Option<Value> {
    let url = format!("{}/readyz", url.trim_end_matches('/'));
    client.get(url).send().await.ok()?.json().await.ok()
}

impl Said {
    fn from(url: &str, answer: Option<&Value>) -> Self {
        let status = answer.and_then(|body| body.get("status")?.as_str());
        let checks = answer.and_then(|body| body.get("checks")?.as_object());
        let failing = checks.into_iter().flatten().filter(|(_, state)| *state != "ok");
        Self {
            url: url.to_owned(),
            status: status.unwrap_or("unreachable").to_owned(),
            failing: failing.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// What somebody has to look at.
    pub(super) fn findings(&self) -> Vec<Finding> {
        match self.status.as_str() {
            "ok" => Vec::new(),
            "degraded" => self.failing.iter().map(|name| Finding::of_check(name)).collect(),
            _ => vec![Finding::ServiceNotReady],
        }
    }

    pub(super) fn as_json(&self) -> Value {
        json!({ "url": self.url, "status": self.status, "failing": self.failing })
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.status)?;
        if self.failing.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.failing.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_judged_by_the_checks_that_fail_and_one_that_is_silent_is_not_ready() {
        let degraded = json!({ "status": "degraded", "checks": { "http": "ok", "blobs": "degraded" } });
        let said = Said::from("http://one", Some(&degraded));
        assert_eq!(said.to_string(), "http://one: degraded (blobs)");
        assert_eq!(said.findings(), [Finding::BlobsUnwritable]);
        let well = json!({ "status": "ok", "checks": { "http": "ok" } });
        assert_eq!(Said::from("http://one", Some(&well)).findings(), []);
        let silent = Said::from("http://one", None);
        assert_eq!(
            (silent.to_string().as_str(), silent.findings()),
            ("http://one: unreachable", vec![Finding::ServiceNotReady])
        );
    }
}
