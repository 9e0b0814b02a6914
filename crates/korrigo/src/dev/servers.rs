//! Both servers, started at the same time.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::stack::{Durability, Error, Packages, Postgres, Process, RabbitMq, Server, provide};
use crate::terminal;

/// The servers that were asked for.
#[derive(Debug)]
pub struct Servers {
    /// The database.
    pub postgres: Option<Postgres>,
    /// The broker.
    pub rabbitmq: Option<RabbitMq>,
}

impl Servers {
    /// Installs what is missing, then starts the servers side by side, each in its own directory.
    pub fn start(
        packages: &Packages,
        directory: &Path,
        wanted: &[Server],
        durability: Durability,
    ) -> Result<Self, Error> {
        provide(packages, wanted, |line| terminal::progress(line))?;
        let start = Instant::now();
        let postgres = || Postgres::start(packages, &directory.join("postgres"), durability);
        let rabbitmq = || RabbitMq::start(packages, &directory.join("rabbitmq"), durability);
        std::thread::scope(|scope| {
            let wants = |server| wanted.contains(&server);
            let rabbitmq = wants(Server::RabbitMq).then(|| {
                scope.spawn(|| {
                    let rabbitmq = rabbitmq()?;
                    tell(Server::RabbitMq, start);
                    Ok(rabbitmq)
                })
            });
            let postgres = wants(Server::PostgreSql).then(postgres).transpose()?;
            if postgres.is_some() {
                tell(Server::PostgreSql, start);
            }
            let rabbitmq = rabbitmq.map(|thread| thread.join().map_err(|_panic| Error::Panicked)?);
            Ok(Self {
                postgres,
                rabbitmq: rabbitmq.transpose()?,
            })
        })
    }
}

impl Servers {
    /// The processes of the servers.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        let postgres = self.postgres.as_ref().and_then(Postgres::process);
        let rabbitmq = self.rabbitmq.as_ref().and_then(RabbitMq::process);
        postgres.into_iter().chain(rabbitmq).collect()
    }

    /// A server that has ended by itself, and its log.
    pub fn ended(&mut self) -> Option<(Server, PathBuf)> {
        if let Some(postgres) = &mut self.postgres
            && !postgres.is_running()
        {
            return Some((Server::PostgreSql, postgres.log()));
        }
        let rabbitmq = self.rabbitmq.as_mut()?;
        (!rabbitmq.is_running()).then(|| (Server::RabbitMq, rabbitmq.log()))
    }

    /// Stops them side by side, in order.
    pub fn stop(mut self) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let rabbitmq = self.rabbitmq.as_mut();
            let rabbitmq = scope.spawn(|| rabbitmq.map_or(Ok(()), RabbitMq::stop));
            let postgres = self.postgres.as_mut().map_or(Ok(()), Postgres::stop);
            rabbitmq.join().map_err(|_panic| Error::Panicked)?.and(postgres)
        })
    }
}

fn tell(server: Server, start: Instant) {
    terminal::progress(format_args!(
        "{server} runs after {:.1} s",
        start.elapsed().as_secs_f32()
    ));
}
