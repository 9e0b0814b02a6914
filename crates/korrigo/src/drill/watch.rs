//! A Prometheus of the drill's own: whether the alert of a fault comes, and goes when it is mended.
//!
//! It has the rules that are deployed. How long something has to last for an alert is shortened, and how long it takes until
//! it is looked at; the durations are for the tests of the rules. Nobody is called: there is no Alertmanager.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::Failure;
use crate::dev::{Home, Services};
use crate::drill::scenario::Alert;
use crate::drill::wait::{MOMENT, until};
use crate::stack::{Environment, Error, Guarded, Launch, Packages, RabbitMq, ports, write_private};

/// How long an alert may take to come or to go: some figures are read from the database only now and then.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long an alert has to stay away to be gone. By then a service that was just started has verified the trail once.
pub(super) const QUIET: Duration = Duration::from_secs(10);
/// How long a look may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// What takes how long in a drill.
const QUICKENED: [(&str, &str); 4] = [
    ("scrape_interval", "1s"),
    ("scrape_timeout", "1s"),
    ("evaluation_interval", "1s"),
    ("for", "2s"),
];

/// A Prometheus that can be started.
#[derive(Debug)]
pub(super) struct Watcher {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    /// Its configuration and its rules, by their paths.
    files: BTreeMap<PathBuf, String>,
}

impl Watcher {
    /// With the configuration and the rules of a directory such as `deploy/prometheus`.
    pub(super) fn find(packages: &Packages, directory: &Path) -> Result<Self, Failure> {
        let tool = packages.tool("prometheus", "prometheus").ok_or_else(|| {
            Failure::new(
                "Prometheus is not installed",
                "install the package prometheus, or drill without `--alerts`",
            )
        })?;
        let environment = tool.get_envs();
        Ok(Self {
            program: tool.get_program().into(),
            environment: environment
                .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
                .collect(),
            files: read(directory).map_err(|error| {
                let advice = "give `--alerts` a directory such as deploy/prometheus";
                Failure::new(error, advice)
            })?,
        })
    }

    /// Starts it. It looks at nobody yet.
    pub(super) fn start(&self, home: &Home) -> Result<Watch, Failure> {
        let own = home.path("prometheus");
        for directory in ["rules", "targets"] {
            let directory = own.join(directory);
            fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
        }
        for (path, text) in &self.files {
            let path = own.join(path);
            fs::write(&path, text).map_err(Error::file(&path))?;
        }
        // Where the token lies that it shows.
        let secrets = own.join("secrets");
        symlink(home.path("secrets"), &secrets).map_err(Error::file(&secrets))?;

        let address = format!("127.0.0.1:{}", ports::free(&[])?);
        let process = Guarded::start(Launch {
            program: &self.program,
            arguments: arguments(&own, &address),
            environment: Environment::OnTop(self.environment.clone()),
            directory: &own,
            log: &home.path("logs").join("prometheus.log"),
            account: None,
            farewell: Signal::KILL,
        })?;
        Ok(Watch {
            process,
            targets: own.join("targets"),
            url: format!("http://{address}/api/v1"),
            http: reqwest::Client::new(),
            hosts: BTreeMap::new(),
        })
    }
}

/// A running Prometheus.
pub(super) struct Watch {
    process: Guarded,
    targets: PathBuf,
    url: String,
    http: reqwest::Client,
    /// Who is asked by each job.
    hosts: BTreeMap<&'static str, String>,
}

impl Watch {
    /// Has it ask these from now on. Services that were started again are somewhere else.
    pub(super) fn aim(&mut self, services: &Services, rabbitmq: &RabbitMq) -> Result<(), Error> {
        let broker = rabbitmq.metrics_url();
        for (file, url, jobs) in [
            ("gateway", &services.gateway.admin, &["gateway"][..]),
            ("grading", &services.grading.admin, &["grading"]),
            ("pdf-worker", &services.worker.admin, &["pdf-worker"]),
            ("rabbitmq", &broker, &["rabbitmq", "rabbitmq-queues"]),
        ] {
            let host = host(url);
            let file = self.targets.join(file).with_extension("yml");
            // Whole or not at all: it may be read at any moment.
            write_private(&file, &format!("- targets: [\"{host}\"]\n"))?;
            self.hosts.extend(jobs.iter().map(|job| (*job, host.to_owned())));
        }
        Ok(())
    }

    /// Waits until it is there.
    pub(super) async fn comes(&self, alert: Alert) -> Result<(), Failure> {
        until(Instant::now() + PATIENCE, MOMENT, async || {
            Ok(match self.look(alert).await {
                Ok(seen) if seen.states.iter().any(|state| state == "firing") => None,
                Ok(_) => Some(self.odd(format!("{} does not come", alert.name))),
                Err(unanswered) => Some(unanswered),
            })
        })
        .await
    }

    /// Waits until there was nothing of it for so long, while everybody was there to ask.
    pub(super) async fn goes(&self, alert: Alert, quiet: Duration) -> Result<(), Failure> {
        let mut since = None;
        until(Instant::now() + PATIENCE, MOMENT, async || {
            let missing = match self.look(alert).await {
                Ok(seen) if !seen.everybody => self.odd("not everybody can be scraped".to_owned()),
                Ok(seen) if seen.states.is_empty() => {
                    let since: Instant = *since.get_or_insert_with(Instant::now);
                    let missing = || self.odd(format!("{} comes and goes", alert.name));
                    return Ok((since.elapsed() < quiet).then(missing));
                }
                Ok(_) => self.odd(format!("{} does not go", alert.name)),
                Err(unanswered) => unanswered,
            };
            since = None;
            Ok(Some(missing))
        })
        .await
    }

    async fn look(&self, alert: Alert) -> Result<Seen, Failure> {
        let (targets, alerts) = (self.ask("targets?state=active").await?, self.ask("alerts").await?);
        Ok(Seen {
            everybody: scraped(&targets).eq(self.hosts.iter().map(|(job, host)| (*job, host.as_str()))),
            states: states(&alerts, alert),
        })
    }

    async fn ask(&self, what: &str) -> Result<Value, Failure> {
        let failed = |error| {
            let unanswered = Failure::new(error, self.advice());
            unanswered.causing("Prometheus does not answer")
        };
        let request = self.http.get(format!("{}/{what}", self.url));
        let answer = request.timeout(ANSWER_LIMIT).send().await.map_err(failed)?;
        answer.json().await.map_err(failed)
    }

    fn odd(&self, what: String) -> Failure {
        Failure::new(what, self.advice())
    }

    fn advice(&self) -> String {
        format!("drill it with `--keep` and read {}", self.process.log().display())
    }
}

/// What is seen at one look.
struct Seen {
    /// Each job has its one target, and has scraped it.
    everybody: bool,
    /// Of each alert that is meant, whether it is `pending` or `firing`.
    states: Vec<String>,
}

/// Who was scraped, by job.
fn scraped(targets: &Value) -> impl Iterator<Item = (&str, &str)> {
    let active = items(targets, "/data/activeTargets");
    let mut up: Vec<_> = active
        .iter()
        .filter(|target| target.get("health").and_then(Value::as_str) == Some("up"))
        .filter_map(|target| {
            let label = |pointer| target.pointer(pointer).and_then(Value::as_str);
            Some((label("/labels/job")?, label("/labels/instance")?))
        })
        .collect();
    up.sort_unstable();
    up.into_iter()
}

fn states(alerts: &Value, alert: Alert) -> Vec<String> {
    let told = items(alerts, "/data/alerts").iter();
    let meant = told.filter(|told| told.get("labels").is_some_and(|labels| alert.is(labels)));
    meant
        .filter_map(|told| told.get("state").and_then(Value::as_str).map(str::to_owned))
        .collect()
}

fn items<'a>(answer: &'a Value, pointer: &str) -> &'a [Value] {
    let items = answer.pointer(pointer).and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}

fn arguments(own: &Path, address: &str) -> Vec<OsString> {
    let of = |name: &str, value: &Path| {
        let mut argument = OsString::from(format!("--{name}="));
        argument.push(value);
        argument
    };
    vec![
        of("config.file", &own.join("prometheus.yml")),
        of("storage.tsdb.path", &own.join("data")),
        of("web.listen-address", Path::new(address)),
    ]
}

/// A configuration and its rules, quickened.
fn read(directory: &Path) -> Result<BTreeMap<PathBuf, String>, Error> {
    let rules = directory.join("rules");
    let mut paths = vec![PathBuf::from("prometheus.yml")];
    for entry in fs::read_dir(&rules).map_err(Error::file(&rules))? {
        let entry = entry.map_err(Error::file(&rules))?;
        paths.push(Path::new("rules").join(entry.file_name()));
    }
    let read = |path: PathBuf| {
        let file = directory.join(&path);
        let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
        Ok((path, quickened(&text)))
    };
    paths.into_iter().map(read).collect()
}

/// The same, where nothing takes long.
fn quickened(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let (key, _) = line.split_once(": ").unwrap_or((line, ""));
        let quick = QUICKENED.iter().find(|(name, _)| *name == key.trim_start());
        quick.map_or_else(|| format!("{line}\n"), |(_, quick)| format!("{key}: {quick}\n"))
    });
    lines.collect()
}

/// Where it is, without how it is spoken to and what is asked for.
fn host(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_durations_are_shortened() {
        let rule = "      - alert: A\n        expr: up == 0\n        for: 15m\n        labels: {for: long}\n";
        assert_eq!(
            quickened(rule),
            "      - alert: A\n        expr: up == 0\n        for: 2s\n        labels: {for: long}\n"
        );
        let settings = "global:\n  scrape_interval: 15s\n  external_labels:\n    site: school\n";
        assert_eq!(
            quickened(settings),
            "global:\n  scrape_interval: 1s\n  external_labels:\n    site: school\n"
        );
    }

    #[test]
    fn a_target_is_a_host_and_a_port() {
        assert_eq!(host("http://127.0.0.1:15692/metrics"), "127.0.0.1:15692");
        assert_eq!(host("http://127.0.0.1:9000"), "127.0.0.1:9000");
    }

    #[test]
    fn only_who_answered_was_scraped() {
        let target = |job: &str, health: &str| json!({"labels": {"job": job, "instance": format!("{job}:1")}, "health": health});
        let targets = json!({"data": {"activeTargets": [
            target("grading", "up"), target("rabbitmq", "down"), target("pdf-worker", "unknown"),
            target("gateway", "up"),
        ]}});
        let up: Vec<_> = scraped(&targets).collect();
        assert_eq!(up, [("gateway", "gateway:1"), ("grading", "grading:1")]);
        assert_eq!(scraped(&json!({"status": "error"})).count(), 0);
    }

    #[test]
    fn an_alert_about_something_else_is_not_meant() {
        let told = |name: &str, volume: &str, state: &str| json!({"labels": {"alertname": name, "volume": volume}, "state": state});
        let alerts = json!({"data": {"alerts": [
            told("Fills", "log", "firing"), told("Fills", "blobs", "pending"), told("Other", "blobs", "firing"),
        ]}});
        let fills = Alert::named("Fills");
        assert_eq!(states(&alerts, fills), ["firing", "pending"]);
        assert_eq!(states(&alerts, fills.of("volume", "blobs")), ["pending"]);
        assert!(states(&alerts, fills.of("volume", "work")).is_empty());
        assert!(states(&alerts, fills.of("check", "blobs")).is_empty());
    }
}
