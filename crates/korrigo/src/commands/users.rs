//! `korrigo users`: the first people; all others are made through the API.

use std::io::{self, BufRead as _};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::secret::Secret;
use domain::{DisplayName, Login, Role};
use service::config::secret;

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::terminal;
use crate::users::{self, Person};

/// The shortest password.
const SHORTEST: usize = 12;

/// Arguments of `korrigo users`.
#[derive(Debug, Args)]
pub struct Users {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a person and prints their id.
    ///
    /// The password is the first line of the input, unless `KORRIGO_PASSWORD` has it.
    #[command(
        after_help = "Example: korrigo users add --role ADMIN --login head@school.example --name 'The head' <password.txt"
    )]
    Add(Add),
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    database: AppDatabase,
    /// ADMIN, TEACHER or STUDENT.
    #[arg(long)]
    role: Role,
    /// What they log in with.
    #[arg(long)]
    login: String,
    /// What they are shown by.
    #[arg(long)]
    name: String,
    /// The password. The command line is no place for it: other people of this machine can see it there.
    #[arg(env = "KORRIGO_PASSWORD", hide = true, hide_env_values = true, value_parser = secret, long)]
    password: Option<Secret>,
}

impl Users {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Command::Add(command) = self.command;
        let (database, person) = command.read()?;
        let id = block_on(async { Ok(users::add(&database.connect().await?, person).await?) })?;
        terminal::result(id);
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn read(self) -> Result<(AppDatabase, Person), Failure> {
        let login = Login::new(&self.login).ok_or_else(|| unfit("login"))?;
        let display_name = DisplayName::new(&self.name).ok_or_else(|| unfit("name"))?;
        let password = match self.password {
            Some(password) => password,
            None => first_line()?,
        };
        if password.expose().chars().count() < SHORTEST {
            let advice = format!("choose one of at least {SHORTEST} characters");
            return Err(Failure::new("the password is too short", advice));
        }
        Ok((
            self.database,
            Person {
                login,
                display_name,
                role: self.role,
                password,
            },
        ))
    }
}

fn first_line() -> Result<Secret, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|error| Failure::new(error, "give the password as the first line of the input"))?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

fn unfit(what: &str) -> Failure {
    Failure::new(
        format!("this {what} cannot be used"),
        "it must not be empty, long, or contain control characters",
    )
}
