//! `korrigo users`: the first people, and help for whoever cannot reach the API; all others are made through
//! it.

use std::io::{self, BufRead as _};
use std::time::Duration;

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use domain::password::Weakness;
use domain::secret::Secret;
use domain::{DisplayName, Login, NewPassword, Role, UserId};
use serde_json::json;
use service::config::{period, secret};

use crate::commands::cli::{block_on, closed};
use crate::commands::database::AppDatabase;
use crate::users::{self, Person};
use crate::{Answer, Failure};

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
    /// Shuts a person out: they are logged out everywhere and cannot log in.
    #[command(
        after_help = "Example: korrigo users disable --login marie@school.example --operator head@school.example"
    )]
    Disable(Chosen),
    /// Lets a person in again who was shut out. Their password is the one that they had.
    #[command(
        after_help = "Example: korrigo users enable --login marie@school.example --operator head@school.example"
    )]
    Enable(Chosen),
    /// Prints the token of an invitation, with which a person chooses a password.
    ///
    /// Until it is used, their password stays.
    #[command(
        after_help = "Example: korrigo users invite --login marie@school.example --operator head@school.example"
    )]
    Invite(Invite),
}

#[derive(Debug, Args)]
struct Chosen {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    operator: Operator,
    /// What they log in with.
    #[arg(long)]
    login: String,
}

/// Who answers for it.
#[derive(Debug, Args)]
struct Operator {
    /// Who does it: the login of an administrator. The trail says so. Only where there is no administrator who can log in it
    /// may be left out; then the trail says that the person did it who is concerned.
    #[arg(long, env = "KORRIGO_OPERATOR")]
    operator: Option<String>,
}

#[derive(Debug, Args)]
struct Invite {
    #[command(flatten)]
    chosen: Chosen,
    /// For how long the invitation is good.
    #[arg(long, env = "KORRIGO_INVITATION_LIFETIME", default_value = "168h", value_parser = period)]
    lifetime: Duration,
}

#[derive(Debug, Args)]
struct Add {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    operator: Operator,
    /// What they may do.
    #[arg(long, value_parser = closed(Role::ALL))]
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
    /// The password is only for their first login: they are asked for another.
    #[arg(long)]
    must_change_password: bool,
}

impl Users {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Add(command) => command.run(),
            Command::Disable(command) => {
                let (database, operator, login) = command.read()?;
                let disable =
                    async { Ok(users::disable(&database.connect().await?, operator, login).await?) };
                Ok(told(block_on(disable)?))
            }
            Command::Enable(command) => {
                let (database, operator, login) = command.read()?;
                let enable = async { Ok(users::enable(&database.connect().await?, operator, login).await?) };
                Ok(told(block_on(enable)?))
            }
            Command::Invite(command) => command.run(),
        }
    }
}

/// Whom it concerned.
fn told(id: UserId) -> Answer {
    Answer::new(id.to_string(), json!({ "user_id": id.to_string() }))
}

impl Invite {
    fn run(self) -> Result<Answer, Failure> {
        let lifetime = TimeDelta::from_std(self.lifetime).map_err(|_beyond| unfit("lifetime"))?;
        let (database, operator, login) = self.chosen.read()?;
        let invite =
            async { Ok(users::invite(&database.connect().await?, operator, login, lifetime).await?) };
        let (id, token) = block_on(invite)?;
        let said = json!({
            "user_id": id.to_string(),
            "token": token.expose(),
            "lifetime_seconds": lifetime.num_seconds(),
        });
        Ok(Answer::new(token.expose(), said))
    }
}

impl Chosen {
    fn read(self) -> Result<(AppDatabase, Option<Login>, Login), Failure> {
        let login = Login::new(&self.login).ok_or_else(|| unfit("login"))?;
        Ok((self.database, self.operator.read()?, login))
    }
}

impl Operator {
    fn read(self) -> Result<Option<Login>, Failure> {
        let login = self
            .operator
            .map(|login| Login::new(&login).ok_or(users::Error::NotAdministrator));
        Ok(login.transpose()?)
    }
}

impl Add {
    fn run(self) -> Result<Answer, Failure> {
        let (database, operator, person) = self.read()?;
        let add = async { Ok(users::add(&database.connect().await?, operator, person).await?) };
        Ok(told(block_on(add)?))
    }

    fn read(self) -> Result<(AppDatabase, Option<Login>, Person), Failure> {
        let login = Login::new(&self.login).ok_or_else(|| unfit("login"))?;
        let display_name = DisplayName::new(&self.name).ok_or_else(|| unfit("name"))?;
        let password = match self.password {
            Some(password) => password,
            None => first_line()?,
        };
        NewPassword::chosen(password.expose(), &login, &display_name).map_err(weak)?;
        Ok((
            self.database,
            self.operator.read()?,
            Person {
                login,
                display_name,
                role: self.role,
                password,
                must_change_password: self.must_change_password,
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
    .called("unfit")
}

fn weak(weakness: Weakness) -> Failure {
    let (what, advice) = match weakness {
        Weakness::TooShort => (
            "the password is too short",
            "choose one of at least 12 characters",
        ),
        Weakness::TooLong => ("the password is too long", "choose one of at most 256 characters"),
        Weakness::OneCharacter => ("the password is one character, again and again", "choose another"),
        Weakness::TooPersonal => ("the password is the person's login or name", "choose another"),
        Weakness::TooCommon => (
            "the password is one of the first that somebody would try",
            "choose another",
        ),
    };
    Failure::new(what, advice).called("weak_password")
}
