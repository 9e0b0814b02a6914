//! A private PostgreSQL server.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::stack::account::closed_directory;
use crate::stack::guarded::variables;
use crate::stack::packages::Programs;
use crate::stack::room::write_private;
use crate::stack::{
    Account, Durability, Environment, Error, Guarded, Launch, Packages, Process, Room, Server, ports,
    postgres_settings,
};

const SUPERUSER: &str = "korrigo_superuser";
const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A running server, or a stopped one that can be started again.
#[derive(Debug)]
pub struct Postgres {
    room: Room,
    programs: Programs,
    account: Option<Account>,
    durability: Durability,
    password: String,
    port: u16,
    child: Option<Guarded>,
}

impl Postgres {
    /// Starts the server whose directory this is; the first time it is made.
    pub fn start(packages: &Packages, directory: &Path, durability: Durability) -> Result<Self, Error> {
        let programs = packages.find(Server::PostgreSql)?;
        let room = Room::enter(directory)?;
        let account = Account::for_unprivileged_servers()?;
        if account.is_some()
            && let Some(directory) = closed_directory(room.directory())
        {
            return Err(Error::Unreachable {
                server: Server::PostgreSql,
                directory,
            });
        }
        if let Some(leftover) = Process::remembered(&room.path("pid")) {
            leftover.end(Signal::INT, STOP_LIMIT);
        }
        let password = room.secret("password")?;
        let mut postgres = Self {
            room,
            programs,
            account,
            durability,
            password,
            port: 0,
            child: None,
        };
        postgres.make_cluster()?;
        postgres.run()?;
        Ok(postgres)
    }

    /// The URL of a database for the superuser, who owns everything.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> String {
        self.url(SUPERUSER, &self.password, database)
    }

    /// The URL of a database for somebody else.
    #[must_use]
    pub fn url(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens on 127.0.0.1. It stays the same over [`Self::restart`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of its first process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Guarded::id)
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.room.path("log/postgres.log")
    }

    /// Its process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        self.child.as_ref().and_then(Guarded::process)
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| {
            child.trim_log();
            child.ended().is_none()
        })
    }

    /// Stops it in order: connections are closed, everything is written.
    pub fn stop(&mut self) -> Result<(), Error> {
        if let Some(mut child) = self.child.take() {
            child.signal(Signal::INT);
            if child.wait(STOP_LIMIT).is_none() {
                return Err(self.timed_out(STOP_LIMIT));
            }
        }
        Ok(())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.child = None;
    }

    /// Starts it again on the same port, after [`Self::stop`] or [`Self::kill`], or stops it first.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.stop()?;
        self.run()
    }

    /// Loses everything: it is ended at once, all its files are deleted, and an empty server takes its place on the same port.
    pub fn lose(&mut self) -> Result<(), Error> {
        self.kill();
        let (data, start) = (self.data(), Instant::now());
        // Processes of a server that was just killed may still write there.
        while let Err(error) = fs::remove_dir_all(&data) {
            if start.elapsed() > STOP_LIMIT {
                return Err(Error::file(&data)(error));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.make_cluster()?;
        self.run()
    }

    /// Runs `psql` as the superuser and returns what it prints: for looking, not for the services.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, Error> {
        let mut command = self.console(database);
        let output = command
            .args(["--command", sql])
            .stdin(Stdio::null())
            .output()
            .map_err(|source| Error::Run {
                program: "psql".to_owned(),
                source,
            })?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// `psql` as the superuser, for who talks to it for longer.
    #[must_use]
    pub fn console(&self, database: &str) -> Command {
        let mut command = Command::new(self.programs.program("psql"));
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        command
            .envs(self.programs.environment())
            .envs(variables([("PGPASSWORD", &self.password)]));
        let place = format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port);
        command.args(["--dbname", &place]);
        command
    }

    /// With which variables others find its programs, and these their libraries.
    #[must_use]
    pub fn tools(&self) -> Vec<(OsString, OsString)> {
        let mut environment = self.programs.environment();
        environment.retain(|(name, _)| name != "PATH");
        environment.extend(variables([("KORRIGO_POSTGRES_BIN", &self.programs.directory)]));
        environment
    }

    fn make_cluster(&self) -> Result<(), Error> {
        let data = self.data();
        if data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        // Made under another name first: a half-made cluster never gets the real one.
        let new = self.room.path("data.new");
        drop(fs::remove_dir_all(&new));
        fs::create_dir(&new).map_err(Error::file(&new))?;
        let password_file = self.room.path("initdb-password");
        write_private(&password_file, &self.password)?;
        if let Some(account) = self.account {
            account.own(&new)?;
            account.own(&password_file)?;
        }
        let made = self.initdb(&new, &password_file);
        fs::remove_file(&password_file).map_err(Error::file(&password_file))?;
        made?;
        fs::rename(&new, &data).map_err(Error::file(&data))
    }

    fn initdb(&self, data: &Path, password_file: &Path) -> Result<(), Error> {
        let log = self.room.path("log/initdb.log");
        let mut arguments: Vec<OsString> = vec!["-D".into(), data.into()];
        arguments.extend([
            "--username".into(),
            SUPERUSER.into(),
            "--pwfile".into(),
            password_file.into(),
        ]);
        let fixed = [
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
        ];
        arguments.extend(fixed.map(OsString::from));
        if self.durability == Durability::Fast {
            arguments.push("--no-sync".into());
        }
        let mut child = self.launch("initdb", arguments, &log)?;
        match child.wait(START_LIMIT) {
            Some(status) if status.success() => Ok(()),
            Some(_failed) => Err(exited(log)),
            None => Err(self.timed_out(START_LIMIT)),
        }
    }

    fn run(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        loop {
            if self.port == 0 {
                [self.port] = ports::reserve(&self.room.path("ports"))?;
            }
            let mut child = self.launch(
                "postgres",
                postgres_settings::arguments(&self.data(), self.port, self.durability),
                &self.log(),
            )?;
            child.remember(&self.room.path("pid"))?;
            while child.ended().is_none() {
                if self.is_ready(child.id()) {
                    self.child = Some(child);
                    return Ok(());
                }
                if start.elapsed() > START_LIMIT {
                    return Err(self.timed_out(START_LIMIT));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            // Two things pass by themselves: processes of a server that was just killed still hold its
            // memory, or somebody was quicker to take the port.
            if start.elapsed() > Duration::from_secs(15) {
                return Err(exited(self.log()));
            }
            if !ports::is_free(self.port) {
                self.port = 0;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The server writes its state to the eighth line of a file that begins with its number.
    fn is_ready(&self, id: u32) -> bool {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines();
        lines.next() == Some(id.to_string().as_str())
            && lines.nth(6).is_some_and(|state| state.trim() == "ready")
    }

    fn launch(&self, program: &str, arguments: Vec<OsString>, log: &Path) -> Result<Guarded, Error> {
        let program = self.programs.program(program);
        Guarded::start(Launch {
            program: &program,
            arguments,
            environment: Environment::Only(self.programs.environment()),
            directory: self.room.directory(),
            log,
            account: self.account,
            farewell: Signal::INT,
        })
    }

    fn data(&self) -> PathBuf {
        self.room.path("data")
    }

    fn timed_out(&self, limit: Duration) -> Error {
        Error::TimedOut {
            server: Server::PostgreSql,
            limit,
            log: self.log(),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        match self.durability {
            Durability::Fast => self.kill(),
            // Nobody is left to tell if it does not stop in time; then it is killed.
            Durability::Durable => drop(self.stop()),
        }
    }
}

fn exited(log: PathBuf) -> Error {
    Error::Exited {
        server: Server::PostgreSql,
        log,
    }
}
