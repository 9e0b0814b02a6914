//! One process of the system, and what can happen to it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use korrigo::stack::{Environment, Guarded, Launch};
use rustix::process::Signal;

use crate::certificates::Certificates;
use crate::environment::{program, program_in, said};
use crate::eventually::{PATIENCE, eventually};

/// The setting that says where a process dies.
const FAILPOINT: &str = "KORRIGO_FAILPOINT";

/// Where the programs of the version before are, if there are any.
const BEFORE: &str = "KORRIGO_TEST_BIN_DIR_BEFORE";

/// Which program a service is. Where the environment names none of before, both are that of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The version before, as long as services are being replaced.
    Before,
    /// That of now.
    Now,
}

impl Version {
    /// Whether there is a version before.
    #[must_use]
    pub fn is_before_there() -> bool {
        said(BEFORE).is_some()
    }
}

/// A service process.
pub struct Service {
    name: String,
    program: PathBuf,
    home: PathBuf,
    settings: Vec<(String, String)>,
    process: Option<Guarded>,
}

impl Service {
    /// Starts `program` with `settings`, in its own directory below `home`, and waits until it is ready.
    pub(super) async fn start(
        name: &str,
        home: &Path,
        settings: Vec<(String, String)>,
        version: Version,
    ) -> Self {
        let mut service = Self::prepare(name, home, settings, version);
        service.launch();
        service.ready().await;
        service
    }

    /// A service that has not been started.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    fn prepare(name: &str, home: &Path, settings: Vec<(String, String)>, version: Version) -> Self {
        let directory = home.join(name);
        fs::create_dir_all(&directory).expect("a directory for the service");
        Self {
            name: name.to_owned(),
            program: program_at(name, version),
            home: directory,
            settings,
            process: None,
        }
    }

    /// From its next start on it is the program of this version.
    pub fn become_of(&mut self, version: Version) {
        self.program = program_at(&self.name, version);
    }

    /// Starts it, or starts it again; an address that it had before it gets again.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn launch(&mut self) {
        let admin = self.home.join("admin-address");
        // A leftover would say that the new process is ready when it is not.
        drop(fs::remove_file(&admin));
        let mut settings = self.settings.clone();
        settings.push(("KORRIGO_ADMIN_LISTEN".to_owned(), "127.0.0.1:0".to_owned()));
        settings.push((
            "KORRIGO_ADMIN_ADDRESS_FILE".to_owned(),
            admin.display().to_string(),
        ));
        let launch = Launch {
            program: &self.program,
            arguments: Vec::new(),
            environment: Environment::Only(
                settings
                    .into_iter()
                    .map(|(key, value)| (key.into(), value.into()))
                    .collect(),
            ),
            directory: &self.home,
            log: &self.home.join("output"),
            account: None,
            farewell: Signal::KILL,
        };
        self.process = Some(Guarded::start(launch).expect("the service starts"));
    }

    /// From its next start on it dies at this place: `name`, `name@transaction` or either with `#n` for the n-th time.
    pub fn arm(&mut self, plan: &str) {
        self.set(FAILPOINT, plan);
    }

    /// From its next start on a setting is another one.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.settings.retain(|(key, _)| key != variable);
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    /// From its next start on it shows these certificates.
    pub fn show(&mut self, certificates: &Certificates) {
        for (variable, file) in certificates.settings(&program_of(&self.name)) {
            self.set(variable, &file);
        }
    }

    /// From its next start on it dies nowhere.
    pub fn disarm(&mut self) {
        self.settings.retain(|(key, _)| key != FAILPOINT);
    }

    /// Waits until it is ready.
    pub async fn ready(&mut self) {
        let what = format!("{} to be ready", self.name);
        let admin = eventually(&what, async || {
            self.still_runs();
            self.read_address("admin-address")
        })
        .await;
        eventually(&what, async || {
            self.still_runs();
            match reqwest::get(format!("http://{admin}/readyz")).await {
                Ok(answer) if answer.status() == 200 => Ok(()),
                Ok(answer) => Err(answer.text().await.unwrap_or_default()),
                Err(_no_answer) => Err("no answer".to_owned()),
            }
        })
        .await;
    }

    /// Panics if it has ended, with what it said.
    fn still_runs(&mut self) {
        let ended = self.process.as_mut().and_then(Guarded::ended);
        assert!(ended.is_none(), "{} has ended: {}", self.name, self.output());
    }

    /// What it is called among the services of its system.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of its process.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("it was started").id()
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill();
        }
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }

    /// How it has ended; `None` while it runs.
    pub fn over(&mut self) -> Option<ExitStatus> {
        self.process.as_mut().and_then(Guarded::ended)
    }

    /// Waits until it has ended, and says how.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn ended(&mut self) -> ExitStatus {
        let process = self.process.as_mut().expect("it was started");
        process.wait(PATIENCE).expect("it ends in time")
    }

    /// Asks it to end, and waits until it has, as it should. What lives in the test's own process goes on meanwhile.
    pub async fn end(&mut self) {
        self.terminate();
        let what = format!("{} to end", self.name);
        let status = eventually(&what, async || self.over().ok_or("it runs")).await;
        assert!(status.success(), "{} {status}", self.name);
    }

    /// Ends it as an orchestrator would, and starts it again.
    pub async fn replace(&mut self) {
        self.end().await;
        self.restart().await;
    }

    /// Starts it again and waits until it is ready.
    pub async fn restart(&mut self) {
        self.launch();
        self.ready().await;
    }

    /// Where it serves.
    #[must_use]
    pub fn url(&self) -> String {
        self.address("address")
    }

    /// Where it serves, as an address.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn socket(&self) -> SocketAddr {
        self.read_address("address")
            .ok()
            .and_then(|address| address.parse().ok())
            .expect("an address")
    }

    /// Where its admin listener is.
    #[must_use]
    pub fn admin(&self) -> String {
        self.address("admin-address")
    }

    /// What Prometheus would scrape now.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn metrics(&self) -> String {
        let answer = reqwest::get(format!("{}/metrics", self.admin()))
            .await
            .expect("it can be scraped");
        answer.text().await.expect("a text")
    }

    /// The sum of the series of a metric whose labels contain `labels`.
    pub async fn metric(&self, name: &str, labels: &str) -> f64 {
        let text = self.metrics().await;
        let series = text
            .lines()
            .filter(|line| line.starts_with(name) && line.contains(labels));
        let of_this_metric = series.filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{'))
        });
        of_this_metric
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    fn address(&self, file: &str) -> String {
        format!(
            "http://{}",
            self.read_address(file)
                .expect("the service has announced its address")
        )
    }

    fn read_address(&self, file: &str) -> Result<String, String> {
        let text = fs::read_to_string(self.home.join(file)).map_err(|_absent| self.output())?;
        Ok(text.trim().to_owned())
    }

    pub(super) fn output(&self) -> String {
        fs::read_to_string(self.home.join("output")).unwrap_or_default()
    }
}

/// Where the program of a service is.
fn program_at(name: &str, version: Version) -> PathBuf {
    let program = program_of(name);
    match (version, said(BEFORE)) {
        (Version::Before, Some(directory)) => program_in(Path::new(&directory), &program),
        (Version::Before | Version::Now, _) => self::program(&program),
    }
}

/// The program of a service, which may be one of several.
pub(super) fn program_of(name: &str) -> String {
    let kind = name.trim_end_matches(|end: char| end.is_ascii_digit());
    format!("korrigo-{kind}")
}
