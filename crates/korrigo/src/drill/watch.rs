//! A Prometheus of the drill's own: whether the alert of a fault comes, and goes when it is mended.
//!
//! It has the rules that are deployed. How long something has to last for an alert is shortened, and how long it takes until
//! it is looked at; the durations are for the tests of the rules. Nobody is called: no Alertmanager hears of it.

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
/// How long an alert has to stay away before a fault: longer than a scrape and a look at the rules.
pub(super) const SETTLED: Duration = Duration::from_secs(5);
/// How long an alert has to stay away to be gone. By then a service that was just started has verified the trail once.
pub(super) const QUIET: Duration = Duration::from_secs(10);
/// How long a look may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// The file that names the others.
const CONFIGURATION: &str = "prometheus.yml";
/// What takes how long in a drill.
const QUICKENED: [(&str, &str); 4] = [
    ("scrape_interval", "2s"),
    ("scrape_timeout", "2s"),
    ("evaluation_interval", "1s"),
    ("for", "3s"),
];
/// What is taken of a configuration and of rules. They may be those of a site, and nobody there is to hear of a drill.
const TAKEN: [&str; 4] = ["global", "rule_files", "scrape_configs", "groups"];

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

        let address = format!("127.0.0.1:{}", ports::free()?);
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
    pub(super) async fn comes(&mut self, alert: Alert) -> Result<(), Failure> {
        until(Instant::now() + PATIENCE, MOMENT, async || {
            self.runs()?;
            Ok(match self.look(alert).await {
                Ok(seen) if seen.states.iter().any(|state| state == "firing") => None,
                Ok(_) => Some(self.odd(format!("{} does not come", alert.name))),
                Err(unanswered) => Some(unanswered),
            })
        })
        .await
    }

    /// Waits until there was nothing of it for so long, while everybody was there to ask.
    pub(super) async fn goes(&mut self, alert: Alert, quiet: Duration) -> Result<(), Failure> {
        let mut since = None;
        until(Instant::now() + PATIENCE, MOMENT, async || {
            self.runs()?;
            let missing = match self.look(alert).await {
                Ok(seen) if !seen.everybody => self.odd("not everybody can be scraped".to_owned()),
                Ok(seen) if seen.states.is_empty() => {
                    let since: Instant = *since.get_or_insert_with(Instant::now);
                    let missing = || self.odd(format!("{} was not away for long enough", alert.name));
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

    /// That it has ended is no reason to wait.
    fn runs(&mut self) -> Result<(), Failure> {
        let ended = self.process.ended();
        ended.map_or(Ok(()), |_status| Err(self.odd("Prometheus has ended".to_owned())))
    }

    async fn look(&self, alert: Alert) -> Result<Seen, Failure> {
        let targets = self.ask("targets?state=active").await?;
        let alerts = self.ask("alerts").await?;
        let seen = seen(&targets, &alerts, &self.hosts, alert);
        seen.ok_or_else(|| self.odd("Prometheus does not answer what it was asked".to_owned()))
    }

    async fn ask(&self, what: &str) -> Result<Value, Failure> {
        let failed = |error| {
            let unanswered = Failure::new(error, self.advice());
            unanswered.causing("Prometheus does not answer")
        };
        let request = self.http.get(format!("{}/{what}", self.url));
        let answer = request.timeout(ANSWER_LIMIT).send().await;
        let answer = answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(failed)?;
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
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Each job has its one target, and has scraped it.
    everybody: bool,
    /// Of each alert that is meant, whether it is `pending` or `firing`.
    states: Vec<String>,
}

/// What there is to see in these answers, if they are what was asked for.
fn seen(targets: &Value, alerts: &Value, hosts: &BTreeMap<&str, String>, alert: Alert) -> Option<Seen> {
    let targets = targets.pointer("/data/activeTargets")?.as_array()?;
    let text = |value: &Value, pointer| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let mut scraped: Vec<_> = targets
        .iter()
        .filter(|target| text(target, "/health").as_deref() == Some("up"))
        .filter_map(|target| Some((text(target, "/labels/job")?, text(target, "/labels/instance")?)))
        .filter(|(job, _)| hosts.contains_key(job.as_str()))
        .collect();
    scraped.sort_unstable();
    let wanted = hosts.iter().map(|(job, host)| ((*job).to_owned(), host.clone()));
    let told = alerts.pointer("/data/alerts")?.as_array()?;
    let meant = told.iter().filter(|told| alert.is(&told["labels"]));
    Some(Seen {
        everybody: wanted.eq(scraped),
        states: meant.filter_map(|told| text(told, "/state")).collect(),
    })
}

fn arguments(own: &Path, address: &str) -> Vec<OsString> {
    let of = |name: &str, value: &Path| {
        let mut argument = OsString::from(format!("--{name}="));
        argument.push(value);
        argument
    };
    vec![
        of("config.file", &own.join(CONFIGURATION)),
        of("storage.tsdb.path", &own.join("data")),
        of("web.listen-address", Path::new(address)),
    ]
}

/// A configuration and its rules, quickened.
fn read(directory: &Path) -> Result<BTreeMap<PathBuf, String>, Error> {
    let rules = directory.join("rules");
    let mut paths = vec![PathBuf::from(CONFIGURATION)];
    for entry in fs::read_dir(&rules).map_err(Error::file(&rules))? {
        let entry = entry.map_err(Error::file(&rules))?;
        paths.push(Path::new("rules").join(entry.file_name()));
    }
    let read = |path: PathBuf| {
        let file = directory.join(&path);
        let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
        Ok((path, quickened(&taken(&text))))
    };
    paths.into_iter().map(read).collect()
}

/// The same without the parts that are not for a drill.
fn taken(text: &str) -> String {
    let mut part = "";
    let lines = text.split_inclusive('\n').filter(|line| {
        if line.starts_with(char::is_alphabetic) {
            part = line.split(':').next().unwrap_or(line);
        }
        part.is_empty() || TAKEN.contains(&part)
    });
    lines.collect()
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
            "      - alert: A\n        expr: up == 0\n        for: 3s\n        labels: {for: long}\n"
        );
        let settings = "global:\n  scrape_interval: 15s\n  external_labels:\n    site: school\n";
        assert_eq!(
            quickened(settings),
            "global:\n  scrape_interval: 2s\n  external_labels:\n    site: school\n"
        );
    }

    #[test]
    fn a_target_is_a_host_and_a_port() {
        assert_eq!(host("http://127.0.0.1:15692/metrics"), "127.0.0.1:15692");
        assert_eq!(host("http://127.0.0.1:9000"), "127.0.0.1:9000");
    }

    #[test]
    fn nobody_is_told_of_a_drill() {
        let site = "# Ours.\nglobal:\n  a: 1\n\nalerting:\n  alertmanagers:\n    - b\nremote_write:\n  - c\n# Whom.\n\
            scrape_configs:\n  - job_name: d\n";
        assert_eq!(
            taken(site),
            "# Ours.\nglobal:\n  a: 1\n\nscrape_configs:\n  - job_name: d\n"
        );
    }

    fn answer(targets: &[(&str, &str)], alerts: &[(&str, &str, &str)]) -> (Value, Value) {
        let targets = targets.iter().map(
            |(job, health)| json!({"labels": {"job": job, "instance": format!("{job}:1")}, "health": health}),
        );
        let alerts = alerts.iter().map(
            |(name, volume, state)| json!({"labels": {"alertname": name, "volume": volume}, "state": state}),
        );
        (
            json!({"data": {"activeTargets": targets.collect::<Value>()}}),
            json!({"data": {"alerts": alerts.collect::<Value>()}}),
        )
    }

    #[test]
    fn everybody_is_there_when_each_job_has_scraped_its_target() {
        let hosts = ["gateway", "grading"].map(|job| (job, format!("{job}:1"))).into();
        for (targets, everybody) in [
            (&[("grading", "up"), ("gateway", "up")][..], true),
            (&[("grading", "up"), ("another", "down"), ("gateway", "up")], true),
            (&[("grading", "up"), ("gateway", "unknown")], false),
            (&[("grading", "up"), ("gateway", "up"), ("gateway", "up")], false),
            (&[("grading", "up")], false),
            (&[], false),
        ] {
            let (targets, alerts) = answer(targets, &[]);
            let seen = seen(&targets, &alerts, &hosts, Alert::named("Fills"));
            assert_eq!(seen.unwrap().everybody, everybody, "{targets}");
        }
    }

    #[test]
    fn an_alert_about_something_else_is_not_meant() {
        let told = [
            ("Fills", "log", "firing"),
            ("Fills", "blobs", "pending"),
            ("Other", "blobs", "firing"),
        ];
        let (targets, alerts) = answer(&[], &told);
        let states = |alert| seen(&targets, &alerts, &BTreeMap::new(), alert).unwrap().states;
        let fills = Alert::named("Fills");
        assert_eq!(states(fills), ["firing", "pending"]);
        assert_eq!(states(fills.of("volume", "blobs")), ["pending"]);
        assert!(states(fills.of("volume", "work")).is_empty());
        assert!(states(fills.of("check", "blobs")).is_empty());
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_silence() {
        let (targets, alerts) = answer(&[], &[]);
        let error = json!({"status": "error"});
        for (targets, alerts) in [(&targets, &error), (&error, &alerts)] {
            assert_eq!(
                seen(targets, alerts, &BTreeMap::new(), Alert::named("Fills")),
                None
            );
        }
    }
}
