//! What the services say of themselves on their admin listeners.

use std::fmt;

use reqwest::Client;
use serde_json::{Value, json};
use service::config::{BadValue, http_url};
use tokio::task::JoinSet;

use crate::commands::sight::Deadline;
use crate::diagnosis::Finding;

domain::closed_names! {
    /// Which service it is.
    Kind {
        /// The state of everything.
        Grading = "grading",
        /// HTTP.
        Gateway = "gateway",
        /// The one that reads documents.
        Worker = "worker",
    }
}

/// Where a service may be asked. One that hangs cannot say what it is, so whoever gives the address does.
#[derive(Debug, Clone)]
pub(super) struct Address {
    kind: Option<Kind>,
    url: String,
}

/// What came of asking.
enum Answer {
    /// It said how ready it is.
    Told {
        /// One word.
        status: String,
        /// The checks behind it that are not well.
        failing: Vec<String>,
    },
    /// It took the question, and said nothing in time.
    Silence,
    /// Nobody was there.
    Nobody,
}

/// A service and its answer.
pub(super) struct Said {
    address: Address,
    answer: Answer,
}

/// Reads `grading=http://…`, or a URL alone.
pub(super) fn address(text: &str) -> Result<Address, BadValue> {
    const UNKNOWN: BadValue =
        BadValue("expected http://host:port, with grading=, gateway= or worker= before it");
    let (kind, url) = match text.split_once('=') {
        Some((name, url)) => (Some(name.parse().map_err(|_unknown| UNKNOWN)?), url),
        None => (None, text),
    };
    let url = http_url(url)?;
    Ok(Address { kind, url })
}

/// Asks all of them at once.
pub(super) async fn ask(addresses: &[Address], deadline: Deadline) -> Vec<Said> {
    let mut asked = JoinSet::new();
    for (place, address) in addresses.iter().cloned().enumerate() {
        asked.spawn(async move {
            let answer = deadline.kept(readiness(&address.url)).await;
            let answer = answer.unwrap_or(Answer::Silence);
            (place, Said { address, answer })
        });
    }
    let mut said = asked.join_all().await;
    said.sort_unstable_by_key(|(place, _)| *place);
    said.into_iter().map(|(_, said)| said).collect()
}

async fn readiness(url: &str) -> Answer {
    let url = format!("{}/readyz", url.trim_end_matches('/'));
    let Ok(answer) = Client::new().get(url).send().await else {
        return Answer::Nobody;
    };
    // Whatever it says that is not ours is no word that we know.
    Answer::of(&answer.json().await.unwrap_or_default())
}

impl Answer {
    fn of(body: &Value) -> Self {
        Self::Told {
            status: status(body),
            failing: failing(body),
        }
    }

    /// It in one word, and the checks that are not well.
    fn words(&self) -> (&str, &[String]) {
        match self {
            Self::Told { status, failing } => (status, failing),
            Self::Silence => ("silent", &[]),
            Self::Nobody => ("down", &[]),
        }
    }
}

impl Said {
    /// What somebody has to look at.
    pub(super) fn findings(&self) -> Vec<Finding> {
        match (&self.answer, self.address.kind) {
            (Answer::Told { status, failing }, _) => match status.as_str() {
                "ok" => Vec::new(),
                "degraded" => failing.iter().map(|name| Finding::of_check(name)).collect(),
                _not_ready => vec![Finding::ServiceNotReady],
            },
            (Answer::Silence, Some(Kind::Grading)) => vec![Finding::GradingSilent],
            (Answer::Silence, Some(Kind::Gateway)) => vec![Finding::GatewaySilent],
            (Answer::Silence, Some(Kind::Worker)) => vec![Finding::WorkerSilent],
            (Answer::Silence, None) => vec![Finding::ServiceSilent],
            (Answer::Nobody, _) => vec![Finding::ServiceDown],
        }
    }

    pub(super) fn as_json(&self) -> Value {
        let (status, failing) = self.answer.words();
        json!({
            "service": self.address.kind.map(Kind::as_str),
            "url": self.address.url,
            "status": status,
            "failing": failing,
        })
    }
}

fn status(body: &Value) -> String {
    let status = body.get("status").and_then(Value::as_str);
    status.unwrap_or("strange").to_owned()
}

fn failing(body: &Value) -> Vec<String> {
    let checks = body.get("checks").and_then(Value::as_object);
    let failing = checks.into_iter().flatten().filter(|(_, state)| *state != "ok");
    failing.map(|(name, _)| name.clone()).collect()
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = self.address.kind {
            write!(f, "{kind} ")?;
        }
        let (status, failing) = self.answer.words();
        write!(f, "{}: {status}", self.address.url)?;
        if failing.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", failing.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, answer: Answer) -> Said {
        Said {
            address: address(text).unwrap(),
            answer,
        }
    }

    #[test]
    fn a_service_is_judged_by_the_checks_that_fail() {
        let degraded = json!({ "status": "degraded", "checks": { "http": "ok", "blobs": "degraded" } });
        let gateway = said("gateway=http://one", Answer::of(&degraded));
        assert_eq!(gateway.to_string(), "gateway http://one: degraded (blobs)");
        assert_eq!(gateway.findings(), [Finding::BlobsUnwritable]);
        let well = json!({ "status": "ok", "checks": { "http": "ok" } });
        assert_eq!(said("http://one", Answer::of(&well)).findings(), []);
        let sly = said("gateway=http://one", Answer::of(&json!({ "status": "silent" })));
        assert_eq!(sly.findings(), [Finding::ServiceNotReady]);
        let foreign = said("http://one", Answer::of(&json!(["what?"])));
        assert_eq!(foreign.findings(), [Finding::ServiceNotReady]);
    }

    #[test]
    fn a_service_that_hangs_is_named_and_told_from_one_that_is_gone() {
        let silent = |text| said(text, Answer::Silence).findings();
        assert_eq!(silent("grading=http://one"), [Finding::GradingSilent]);
        assert_eq!(silent("gateway=http://one"), [Finding::GatewaySilent]);
        assert_eq!(silent("worker=http://one"), [Finding::WorkerSilent]);
        assert_eq!(silent("http://one"), [Finding::ServiceSilent]);
        assert_eq!(
            said("worker=http://one", Answer::Nobody).findings(),
            [Finding::ServiceDown]
        );
        assert!(address("somebody=http://one").is_err());
    }
}
