//! A private RabbitMQ node with its own port mapper, cookie and plugins.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::stack::broker_users::{BrokerUser, definitions};
use crate::stack::packages::Programs;
use crate::stack::rabbitmq_files::{self, Ports};
use crate::stack::{Durability, Environment, Error, Guarded, Launch, Packages, Process, Room, Server, ports};

/// Who may do everything, and is no user of the services.
const ADMINISTRATOR: &str = "korrigo";
const START_LIMIT: Duration = Duration::from_mins(2);
const STOP_LIMIT: Duration = Duration::from_mins(1);

/// Says that the first start came to its end, so that there is something to keep.
const COMPLETE: &str = "complete";

/// A running node, or a stopped one that can be started again.
#[derive(Debug)]
pub struct RabbitMq {
    room: Room,
    programs: Programs,
    durability: Durability,
    password: String,
    users: Vec<(BrokerUser, String)>,
    ports: Option<Ports>,
    mapper: Option<Guarded>,
    node: Option<Guarded>,
}

impl RabbitMq {
    /// Starts the node whose directory this is; the first time it is made.
    pub fn start(packages: &Packages, directory: &Path, durability: Durability) -> Result<Self, Error> {
        let programs = packages.find(Server::RabbitMq)?;
        let room = Room::enter(directory)?;
        for file in ["pid", "mapper-pid"] {
            if let Some(leftover) = Process::remembered(&room.path(file)) {
                leftover.end(Signal::TERM, STOP_LIMIT);
            }
        }
        let password = room.secret("password")?;
        let users = BrokerUser::ALL.iter().map(|user| {
            let password = room.secret(&format!("password-{user}"))?;
            Ok((*user, password))
        });
        let users = users.collect::<Result<_, Error>>()?;
        let mut rabbitmq = Self {
            room,
            programs,
            durability,
            password,
            users,
            ports: None,
            mapper: None,
            node: None,
        };
        rabbitmq.discard_half_made()?;
        rabbitmq.run()?;
        let complete = rabbitmq.room.path(COMPLETE);
        fs::write(&complete, "").map_err(Error::file(&complete))?;
        Ok(rabbitmq)
    }

    /// Where clients connect, as the administrator.
    #[must_use]
    pub fn administrator_url(&self) -> String {
        self.url(ADMINISTRATOR, &self.password)
    }

    /// Where clients connect, as one of those who have a login of their own.
    #[must_use]
    pub fn url_of(&self, user: BrokerUser) -> String {
        let found = self.users.iter().find(|(known, _)| *known == user);
        self.url(user.as_str(), found.map_or("", |(_, password)| password))
    }

    fn url(&self, user: &str, password: &str) -> String {
        let port = self.ports.map_or(0, |ports| ports.amqp);
        format!("amqp://{user}:{password}@127.0.0.1:{port}/%2f")
    }

    /// The management API, as the administrator.
    #[must_use]
    pub fn api_url(&self) -> String {
        let port = self.ports.map_or(0, |ports| ports.api);
        format!("http://{ADMINISTRATOR}:{}@127.0.0.1:{port}", self.password)
    }

    /// Its metrics for Prometheus.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        let port = self.ports.map_or(0, |ports| ports.metrics);
        format!("http://127.0.0.1:{port}/metrics")
    }

    /// The number of its process, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.node.as_ref().map(Guarded::id)
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.room.path("log/rabbitmq.log")
    }

    /// Its process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        self.node.as_ref().and_then(Guarded::process)
    }

    /// Has the running node do what an operator would have it do with `rabbitmqctl`.
    pub fn ctl(&self, arguments: &[&str]) -> Result<(), Error> {
        let ports = self.ports.ok_or_else(|| self.exited())?;
        let mut command = Command::new(self.programs.program("rabbitmqctl"));
        command.args(arguments).env_clear();
        command.envs(rabbitmq_files::environment(&self.room, &self.programs, ports));
        let failed = |source| Error::Run {
            program: "rabbitmqctl".to_owned(),
            source,
        };
        command.current_dir(self.room.directory()).stdin(Stdio::null());
        let output = command.output().map_err(failed)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(failed(io::Error::other(output.status.to_string())))
        }
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.node.as_mut().is_some_and(|node| node.ended().is_none())
    }

    /// Stops it in order.
    pub fn stop(&mut self) -> Result<(), Error> {
        if let Some(mut node) = self.node.take() {
            node.signal(Signal::TERM);
            if node.wait(STOP_LIMIT).is_none() {
                return Err(self.timed_out(STOP_LIMIT));
            }
        }
        self.mapper = None;
        Ok(())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.node = None;
        self.mapper = None;
    }

    /// Starts it again on the same ports, after [`Self::stop`] or [`Self::kill`], or stops it first.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.stop()?;
        self.run()
    }

    /// A node that was ended during its very first start may not get up again, and nothing is lost with it.
    fn discard_half_made(&self) -> Result<(), Error> {
        let mnesia = self.room.path("mnesia");
        if self.room.path(COMPLETE).exists() || !mnesia.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&mnesia).map_err(Error::file(&mnesia))
    }

    fn run(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        loop {
            let ports = self.reserve()?;
            if self.attempt(ports, start)? {
                return Ok(());
            }
            // The one reason that passes by itself: somebody was quicker to take a port.
            if ports.all().into_iter().all(ports::is_free) || start.elapsed() > START_LIMIT {
                return Err(self.exited());
            }
            self.ports = None;
        }
    }

    /// Whether the node became ready on these ports; `false` if it ended.
    fn attempt(&mut self, ports: Ports, start: Instant) -> Result<bool, Error> {
        let definitions = definitions(ADMINISTRATOR, &self.password, &self.users);
        rabbitmq_files::write(&self.room, ports, &definitions)?;
        let mut mapper = self.start_mapper(ports)?;
        let mut node = self.launch(&self.programs.program("rabbitmq-server"), "node", ports)?;
        mapper.remember(&self.room.path("mapper-pid"))?;
        node.remember(&self.room.path("pid"))?;
        while node.ended().is_none() && mapper.ended().is_none() {
            if [ports.amqp, ports.api, ports.metrics]
                .into_iter()
                .all(ports::answers)
            {
                self.node = Some(node);
                self.mapper = Some(mapper);
                return Ok(true);
            }
            if start.elapsed() > START_LIMIT {
                return Err(self.timed_out(START_LIMIT));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }

    fn reserve(&mut self) -> Result<Ports, Error> {
        if let Some(ports) = self.ports {
            return Ok(ports);
        }
        let [amqp, api, metrics, distribution, mapper] = ports::reserve(&self.room.path("ports"))?;
        let ports = Ports {
            amqp,
            api,
            metrics,
            distribution,
            mapper,
        };
        self.ports = Some(ports);
        Ok(ports)
    }

    /// Started by us, so that it is our child: the node would start one that outlives everybody.
    fn start_mapper(&self, ports: Ports) -> Result<Guarded, Error> {
        let mapper = self.launch(Path::new("epmd"), "mapper", ports)?;
        let start = Instant::now();
        while !ports::answers(ports.mapper) && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(mapper)
    }

    fn launch(&self, program: &Path, log: &str, ports: Ports) -> Result<Guarded, Error> {
        let environment = rabbitmq_files::environment(&self.room, &self.programs, ports);
        Guarded::start(Launch {
            program,
            arguments: Vec::new(),
            environment: Environment::Only(environment),
            directory: self.room.directory(),
            log: &self.room.path("log").join(log).with_extension("out"),
            account: None,
            farewell: Signal::TERM,
        })
    }

    fn exited(&self) -> Error {
        Error::Exited {
            server: Server::RabbitMq,
            log: self.room.path("log"),
        }
    }

    fn timed_out(&self, limit: Duration) -> Error {
        Error::TimedOut {
            server: Server::RabbitMq,
            limit,
            log: self.log(),
        }
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        match self.durability {
            Durability::Fast => self.kill(),
            // Nobody is left to tell if it does not stop in time; then it is killed.
            Durability::Durable => drop(self.stop()),
        }
    }
}
