//! One service of the local stack as a process.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::Failure;
use crate::dev::Home;
use crate::stack::{Environment, Error, Guarded, Launch};

/// How long a service may take to become ready.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Longer than a service drains.
const STOP_LIMIT: Duration = Duration::from_secs(40);

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    /// What it is called.
    pub(crate) name: &'static str,
    child: Guarded,
    /// The URL of its admin listener.
    pub(crate) admin: String,
    log: PathBuf,
}

impl Service {
    /// Starts the binary that lies beside ours, and waits until it is ready.
    pub(crate) async fn start(
        home: &Home,
        name: &'static str,
        settings: Vec<(&'static str, OsString)>,
    ) -> Result<Self, Failure> {
        let program = beside(name)?;
        let address_file = home.path("run").join(format!("{name}.admin"));
        forget(&address_file)?;
        let log = home.path("logs").join(format!("{name}.log"));
        let mut settings: Vec<(OsString, OsString)> = settings
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        settings.extend([
            ("KORRIGO_ADMIN_LISTEN".into(), "127.0.0.1:0".into()),
            ("KORRIGO_ADMIN_ADDRESS_FILE".into(), address_file.clone().into()),
            ("KORRIGO_LOG_DIR".into(), home.path("logs").into()),
            ("KORRIGO_INSTANCE".into(), format!("{name}-1").into()),
        ]);
        let mut child = Guarded::start(Launch {
            program: &program,
            arguments: Vec::new(),
            environment: Environment::OnTop(settings),
            directory: &home.path(""),
            log: &home.path("logs").join(format!("{name}.stderr.log")),
            account: None,
            farewell: Signal::TERM,
        })?;
        let address = announced(&address_file, &mut child, name).await?;
        let service = Self {
            name,
            child,
            admin: format!("http://{address}"),
            log,
        };
        service.ready().await
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it logs.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.trim_log();
        self.child.ended()
    }

    /// Asks it to finish what it has begun and to end.
    pub(crate) async fn drain(&mut self) {
        self.child.signal(Signal::TERM);
        let start = Instant::now();
        while self.child.ended().is_none() && start.elapsed() < STOP_LIMIT {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Holds it where it is: it runs and does nothing any more.
    pub(crate) fn freeze(&mut self) {
        self.child.signal(Signal::STOP);
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill();
    }

    async fn ready(mut self) -> Result<Self, Failure> {
        let url = format!("{}/readyz", self.admin);
        let start = Instant::now();
        loop {
            let answer = reqwest::get(&url).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(self);
            }
            if self.child.ended().is_some() || start.elapsed() > START_LIMIT {
                return Err(failed(self.name, self.child.log()));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The address that a service writes to a file once it listens.
pub(crate) async fn announced(file: &Path, child: &mut Guarded, name: &str) -> Result<String, Failure> {
    let start = Instant::now();
    loop {
        if let Ok(address) = fs::read_to_string(file) {
            return Ok(address.trim().to_owned());
        }
        if child.ended().is_some() || start.elapsed() > START_LIMIT {
            return Err(failed(name, child.log()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Removes what an earlier run announced.
pub(crate) fn forget(file: &Path) -> Result<(), Error> {
    if file.exists() {
        fs::remove_file(file).map_err(Error::file(file))
    } else {
        Ok(())
    }
}

fn beside(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(Error::file("/proc/self/exe"))?;
    let program = own.with_file_name(format!("korrigo-{name}"));
    if program.is_file() {
        Ok(program)
    } else {
        let missing = format!("there is no {}", program.display());
        Err(Failure::new(missing, "compile all programs first: `make build`"))
    }
}

fn failed(name: &str, log: &Path) -> Failure {
    Failure::new(
        format!("the service {name} did not become ready"),
        format!(
            "read {}; `make clean-dev` starts over with empty servers",
            log.display()
        ),
    )
}
