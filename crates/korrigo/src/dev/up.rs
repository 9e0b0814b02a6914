//! `korrigo dev up`: everything, in the foreground, until it is told to stop.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::runtime::Runtime;

use crate::Failure;
use crate::answer::Form;
use crate::dev::announcement::Announcement;
use crate::dev::client::Client;
use crate::dev::office::{Desks, Office};
use crate::dev::prepare::{self, Databases};
use crate::dev::sample::Sample;
use crate::dev::services::{Addresses, BrokerUrls, Services};
use crate::dev::{Home, Servers};
use crate::stack::{Durability, Error, Server, ports, provide_reader};
use crate::stop::Stop;
use crate::terminal;

/// Where the gateway listens when nobody else does.
const USUAL_PORT: u16 = 8088;

/// Starts everything and stays until it is told to stop, or until a part of it ends.
pub fn up(directory: &Path) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let home = Home::enter(directory)?;
    // Up to here, and while the servers start, Ctrl-C simply ends us, and they end with us.
    let wanted = [Server::PostgreSql, Server::RabbitMq];
    let servers = Servers::start(&home.packages()?, home.servers(), &wanted, Durability::Durable)?;
    provide_reader(&home.packages()?, |line| terminal::progress(line));
    let databases = match &servers.postgres {
        Some(postgres) => prepare::database(&home, postgres)?,
        None => {
            return Err(Error::Missing {
                server: Server::PostgreSql,
            }
            .into());
        }
    };
    terminal::progress(format_args!(
        "the database is up to date after {:.1} s",
        start.elapsed().as_secs_f32()
    ));
    let runtime =
        Runtime::new().map_err(|error| Failure::new(error, "check the limits of threads and files"))?;
    let outcome = runtime.block_on(live(&home, servers, databases, start));
    // A thread that still waits for a server that was killed need not keep us.
    runtime.shutdown_background();
    outcome
}

async fn live(
    home: &Home,
    mut servers: Servers,
    databases: Databases,
    start: Instant,
) -> Result<ExitCode, Failure> {
    let mut stop = Stop::listen()?;
    let outcome = tokio::select! {
        running = Running::start(home, &servers, databases, start) => running.map(Some),
        // Services that were just starting have nothing to finish.
        () = stop.asked() => Ok(None),
    };
    let outcome = match outcome {
        Ok(None) => Ok(()),
        Ok(Some(mut running)) => {
            let outcome = running.watch(&mut servers, &mut stop).await;
            // Told before the rest is stopped, which takes a while.
            outcome.as_ref().err().into_iter().for_each(tell);
            running.end(&mut stop).await;
            outcome
        }
        Err(failure) => {
            tell(&failure);
            Err(failure)
        }
    };
    end(servers, &mut stop).await;
    Ok(if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Only people start a local stack.
fn tell(failure: &Failure) {
    failure.print(Form::Words);
}

fn port() -> Result<u16, Error> {
    if ports::is_free(USUAL_PORT) {
        Ok(USUAL_PORT)
    } else {
        ports::free()
    }
}

/// Stops the servers in order, or at once when asked again.
async fn end(servers: Servers, stop: &mut Stop) {
    let processes = servers.processes();
    let stopped = tokio::task::spawn_blocking(move || servers.stop());
    tokio::select! {
        stopped = stopped => match stopped {
            Ok(Ok(())) => terminal::progress("everything has stopped"),
            Ok(Err(error)) => tell(&Failure::from(error)),
            Err(panic) => terminal::problem(panic),
        },
        () = stop.asked() => processes.into_iter().for_each(|process| process.signal(Signal::KILL)),
    }
}

/// The services, when all of them run and the demo is loaded.
struct Running {
    services: Services,
    environment: PathBuf,
}

impl Running {
    async fn start(
        home: &Home,
        servers: &Servers,
        databases: Databases,
        start: Instant,
    ) -> Result<Self, Failure> {
        let broker = servers.rabbitmq.as_ref().map(BrokerUrls::of).unwrap_or_default();
        let people = prepare::people(home, &databases).await?;
        let addresses = Addresses {
            databases,
            broker,
            port: port()?,
            of_grading: Vec::new(),
        };
        let services = Services::start(home, &addresses).await?;
        terminal::progress(format_args!(
            "the services are ready after {:.1} s",
            start.elapsed().as_secs_f32()
        ));
        let client = Client::log_in(&services.url, &people.admin).await?;
        let sample = Sample::load(home, &client, people.teacher_id).await?;
        let teachers = [
            (people.teacher_id, &people.teacher),
            (people.colleague_id, &people.colleague),
        ];
        let [teacher, colleague] = teachers.map(async |(id, account)| {
            let client = Client::log_in(&services.url, account).await?;
            Ok::<_, Failure>((id, client))
        });
        let desks = Desks {
            admin: client,
            teachers: [teacher.await?, colleague.await?],
        };
        let office = Office::load(home, &desks).await?;
        let databases = &addresses.databases;
        let announcement = Announcement {
            home,
            servers,
            databases,
            services: &services,
            people: &people,
            sample: &sample,
            office: &office,
        };
        let environment = announcement.make()?;
        Ok(Self {
            services,
            environment,
        })
    }

    /// Waits for the end: asked for, or because something has ended by itself.
    async fn watch(&mut self, servers: &mut Servers, stop: &mut Stop) -> Result<(), Failure> {
        loop {
            tokio::select! {
                () = stop.asked() => return Ok(()),
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
            if let Some((service, status)) = self.services.ended() {
                let what = format!("the service {} has ended by itself ({status})", service.name);
                return Err(Failure::new(what, format!("read {}", service.log().display())));
            }
            if let Some((server, log)) = servers.ended() {
                let what = format!("{server} has ended by itself");
                return Err(Failure::new(what, format!("read {}", log.display())));
            }
        }
    }

    /// Lets the services finish, or ends them at once when asked again.
    async fn end(&mut self, stop: &mut Stop) {
        terminal::progress("stopping (once more to end everything at once)");
        drop(fs::remove_file(&self.environment));
        let asked_again = tokio::select! {
            () = self.services.drain() => false,
            () = stop.asked() => true,
        };
        if asked_again {
            self.services.kill();
        }
    }
}
