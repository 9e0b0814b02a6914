//! What the services say of themselves on their admin listeners.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use futures::future::join_all;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use service::config::{BadValue, http_url};
use tokio::net::lookup_host;

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
    url: Url,
}

/// What came of asking.
enum Heard {
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

/// A process of a service and its answer.
pub(super) struct Said {
    address: Address,
    /// Which one, where the name stands for several.
    place: Option<IpAddr>,
    heard: Heard,
}

/// Reads `grading=http://…`, or a URL alone.
pub(super) fn address(text: &str) -> Result<Address, BadValue> {
    const UNKNOWN: BadValue =
        BadValue("expected http://host:port, with grading=, gateway= or worker= before it");
    let (kind, url) = match text.split_once('=') {
        Some((name, url)) => (Some(name.parse().map_err(|_unknown| UNKNOWN)?), url),
        None => (None, text),
    };
    let url = http_url(url)?.parse().map_err(|_no_url| UNKNOWN)?;
    Ok(Address { kind, url })
}

/// Asks all of them at once: behind a name every process, where it stands for several.
pub(super) async fn ask(addresses: &[Address], deadline: Deadline) -> Vec<Said> {
    let asked = addresses.iter().map(async |address| {
        let places = deadline.kept(places(&address.url)).await;
        ask_at(address, places.unwrap_or_default(), deadline).await
    });
    join_all(asked).await.into_iter().flatten().collect()
}

/// Where a name leads to. A name that leads nowhere is for who connects to tell.
async fn places(url: &Url) -> Vec<SocketAddr> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Vec::new();
    };
    lookup_host((host, port))
        .await
        .map(Vec::from_iter)
        .unwrap_or_default()
}

async fn ask_at(address: &Address, places: Vec<SocketAddr>, deadline: Deadline) -> Vec<Said> {
    let places: Vec<Option<SocketAddr>> = match places.len() {
        0 | 1 => vec![None],
        _several => places.into_iter().map(Some).collect(),
    };
    let asked = places.iter().map(async |place| Said {
        address: address.clone(),
        place: place.map(|place| place.ip()),
        heard: deadline
            .kept(readiness(&address.url, *place))
            .await
            .unwrap_or(Heard::Silence),
    });
    let mut said = join_all(asked).await;
    // A machine has a name in IPv4 and IPv6, and a service may listen in one of them only.
    let spoken: Vec<bool> = said
        .iter()
        .filter(|said| said.is_there())
        .filter_map(Said::is_ipv6)
        .collect();
    if !spoken.is_empty() {
        said.retain(|said| said.is_ipv6().is_none_or(|family| spoken.contains(&family)));
    }
    said
}

async fn readiness(url: &Url, place: Option<SocketAddr>) -> Heard {
    let mut client = Client::builder();
    if let (Some(place), Some(host)) = (place, url.host_str()) {
        client = client.resolve(host, place);
    }
    let asked = async { client.build()?.get(format!("{}/readyz", shown(url))).send().await };
    let Ok(answer) = asked.await else {
        return Heard::Nobody;
    };
    // Whatever it says that is not ours is no word that we know.
    Heard::of(&answer.json().await.unwrap_or_default())
}

/// Without the slash that reading it has added.
fn shown(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

impl Heard {
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
        match (&self.heard, self.address.kind) {
            (Heard::Told { status, failing }, _) => match status.as_str() {
                "ok" => Vec::new(),
                "degraded" => failing.iter().map(|name| Finding::of_check(name)).collect(),
                _not_ready => vec![Finding::ServiceNotReady],
            },
            (Heard::Silence, Some(Kind::Grading)) => vec![Finding::GradingSilent],
            (Heard::Silence, Some(Kind::Gateway)) => vec![Finding::GatewaySilent],
            (Heard::Silence, Some(Kind::Worker)) => vec![Finding::WorkerSilent],
            (Heard::Silence, None) => vec![Finding::ServiceSilent],
            (Heard::Nobody, _) => vec![Finding::ServiceDown],
        }
    }

    fn is_there(&self) -> bool {
        !matches!(self.heard, Heard::Nobody)
    }

    fn is_ipv6(&self) -> Option<bool> {
        self.place.map(|place| place.is_ipv6())
    }

    pub(super) fn as_json(&self) -> Value {
        let (status, failing) = self.heard.words();
        json!({
            "service": self.address.kind.map(Kind::as_str),
            "url": shown(&self.address.url),
            "address": self.place,
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
        let (status, failing) = self.heard.words();
        f.write_str(shown(&self.address.url))?;
        if let Some(place) = self.place {
            write!(f, " at {place}")?;
        }
        write!(f, ": {status}")?;
        if failing.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", failing.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn said(text: &str, heard: Heard) -> Said {
        Said {
            address: address(text).unwrap(),
            place: None,
            heard,
        }
    }

    #[test]
    fn a_service_is_judged_by_the_checks_that_fail() {
        let degraded = json!({ "status": "degraded", "checks": { "http": "ok", "blobs": "degraded" } });
        let gateway = said("gateway=http://one", Heard::of(&degraded));
        assert_eq!(gateway.to_string(), "gateway http://one: degraded (blobs)");
        assert_eq!(gateway.findings(), [Finding::BlobsUnwritable]);
        let well = json!({ "status": "ok", "checks": { "http": "ok" } });
        assert_eq!(said("http://one", Heard::of(&well)).findings(), []);
        let sly = said("gateway=http://one", Heard::of(&json!({ "status": "silent" })));
        assert_eq!(sly.findings(), [Finding::ServiceNotReady]);
        let foreign = said("http://one", Heard::of(&json!(["what?"])));
        assert_eq!(foreign.findings(), [Finding::ServiceNotReady]);
    }

    #[tokio::test]
    async fn each_process_behind_a_name_is_asked_and_the_one_that_is_gone_is_named() {
        let one = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let well = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 15\r\n\r\n{\"status\":\"ok\"}";
        let serve = async {
            let (mut connection, _) = one.accept().await.unwrap();
            connection.read_exact(&mut [0; 12]).await.unwrap();
            connection.write_all(well.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        };
        let port = one.local_addr().unwrap().port();
        let gateways = address(&format!("gateway=http://gateway-admin:{port}")).unwrap();
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
        // The last is what the same machine would be called in IPv6.
        let places = vec![at("127.0.0.1"), at("127.0.0.2"), at("::1")];
        let said = tokio::select! {
            said = ask_at(&gateways, places, Deadline::after(Duration::from_mins(1))) => said,
            () = serve => unreachable!("it goes on"),
        };
        let said: Vec<_> = said
            .iter()
            .map(|said| (said.to_string(), said.findings()))
            .collect();
        let named = |ip: &str, status: &str| format!("gateway http://gateway-admin:{port} at {ip}: {status}");
        assert_eq!(
            said,
            [
                (named("127.0.0.1", "ok"), vec![]),
                (named("127.0.0.2", "down"), vec![Finding::ServiceDown]),
            ]
        );
    }

    #[test]
    fn a_service_that_hangs_is_named_and_told_from_one_that_is_gone() {
        let silent = |text| said(text, Heard::Silence).findings();
        assert_eq!(silent("grading=http://one"), [Finding::GradingSilent]);
        assert_eq!(silent("gateway=http://one"), [Finding::GatewaySilent]);
        assert_eq!(silent("worker=http://one"), [Finding::WorkerSilent]);
        assert_eq!(silent("http://one"), [Finding::ServiceSilent]);
        assert_eq!(
            said("worker=http://one", Heard::Nobody).findings(),
            [Finding::ServiceDown]
        );
        for unfit in [
            "somebody=http://one",
            "gateway=http://one:99999",
            "gateway=https://one",
        ] {
            assert!(address(unfit).is_err(), "{unfit}");
        }
    }
}
