//! `korrigo dev`: the local stack.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use crate::Failure;
use crate::dev;
use crate::stack::Server;

/// Arguments of `korrigo dev`.
#[derive(Debug, Args)]
pub struct Dev {
    /// Where the servers keep their data, and the logs and settings are.
    #[arg(long, global = true, default_value = "var")]
    directory: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts private servers, the three services and a demo exam, and stays until Ctrl-C.
    #[command(after_help = "Example: korrigo dev up --directory var")]
    Up,
    /// Removes the local servers with everything they stored.
    #[command(after_help = "Example: korrigo dev clean --directory var")]
    Clean,
    /// Runs a command beside private, empty servers, and ends with its exit code.
    ///
    /// The command finds them by its environment.
    #[command(
        after_help = "Variables: KORRIGO_TEST_POSTGRES_URL (the superuser's), KORRIGO_TEST_AMQP_URL, \
        KORRIGO_TEST_RABBITMQ_API, KORRIGO_TEST_PACKAGES, KORRIGO_TEST_BIN_DIR\n\
        Example: korrigo dev exec -- cargo nextest run --workspace"
    )]
    Exec {
        /// The servers it needs.
        #[arg(long, value_delimiter = ',', default_value = "postgres,rabbitmq")]
        servers: Vec<Needed>,
        /// The command and its arguments.
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Needed {
    Postgres,
    Rabbitmq,
}

impl From<Needed> for Server {
    fn from(needed: Needed) -> Self {
        match needed {
            Needed::Postgres => Self::PostgreSql,
            Needed::Rabbitmq => Self::RabbitMq,
        }
    }
}

impl Dev {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Up => dev::up(&self.directory),
            Command::Clean => dev::clean(&self.directory).map(|()| ExitCode::SUCCESS),
            Command::Exec { servers, command } => {
                let servers: Vec<Server> = servers.into_iter().map(Server::from).collect();
                dev::exec(&self.directory, &servers, &command)
            }
        }
    }
}
