//! `korrigo migrate`: the schema of the database.
//!
//! Services refuse to start on a schema that lacks something or does not support them any more, and never change it; this is
//! what does.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::secret::Secret;
use serde_json::json;
use service::config::secret;
use store::bootstrap::{Roles, bootstrap};
use store::migrations::{self, Step};

use crate::Failure;
use crate::terminal;

/// Arguments of `korrigo migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the roles and the database. Doing it again only sets the passwords.
    #[command(after_help = "Example: KORRIGO_SUPERUSER_URL=postgres://… korrigo migrate bootstrap")]
    Bootstrap(Bootstrap),
    /// Lists the migrations and whether the database has them.
    #[command(after_help = "Example: korrigo migrate status --json")]
    Status {
        #[command(flatten)]
        database: AsMigrate,
        /// One JSON array instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Applies the migrations that are missing, and checks the result.
    #[command(after_help = "Example: korrigo migrate up --url-file /etc/korrigo/secrets/migrate-url")]
    Up(AsMigrate),
    /// Takes back the last migrations. What they brought is lost with its data.
    ///
    /// What people did since is refused to be lost: the way back is a backup then. Without `--yes` it only says which they are.
    #[command(after_help = "Example: korrigo migrate down --steps 1 --yes")]
    Down {
        #[command(flatten)]
        database: AsMigrate,
        /// How many.
        #[arg(long)]
        steps: usize,
        /// Do it.
        #[arg(long)]
        yes: bool,
    },
    /// Ends with 0 if this version can work on the schema, else with 1 and what is missing.
    #[command(after_help = "Example: korrigo migrate check")]
    Check(AsMigrate),
}

#[derive(Debug, Args)]
struct AsMigrate {
    /// The database, as the role `korrigo_migrate`.
    #[arg(long = "url", env = "KORRIGO_MIGRATE_URL", hide_env_values = true, value_parser = secret)]
    url: Secret,
}

#[derive(Debug, Args)]
struct Bootstrap {
    /// The server, as a superuser or a role that may create roles and databases.
    #[arg(long, env = "KORRIGO_SUPERUSER_URL", hide_env_values = true, value_parser = secret)]
    superuser_url: Secret,
    /// The name of the database.
    #[arg(long, env = "KORRIGO_DATABASE_NAME", default_value = "korrigo")]
    database: String,
    /// The password of `korrigo_migrate`.
    #[arg(long, env = "KORRIGO_MIGRATE_PASSWORD", hide_env_values = true, value_parser = secret)]
    migrate_password: Secret,
    /// The password of `korrigo_app`, which the grading service uses.
    #[arg(long, env = "KORRIGO_APP_PASSWORD", hide_env_values = true, value_parser = secret)]
    app_password: Secret,
    /// The password of `korrigo_read`, which is for looking things up.
    #[arg(long, env = "KORRIGO_READ_PASSWORD", hide_env_values = true, value_parser = secret)]
    read_password: Secret,
}

impl Migrate {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::Bootstrap(command) => command.run().map_err(failed)?,
            Command::Status { database, json } => {
                let steps = migrations::status(&database.url).map_err(failed)?;
                terminal::result(if json { as_json(&steps) } else { as_table(&steps) });
            }
            Command::Up(AsMigrate { url }) => {
                let done = migrations::up_step_by_step(&url, |version| told("applied", version));
                nothing_done(&done.map_err(failed)?);
                migrations::check(&url).map_err(failed)?;
            }
            Command::Down { database, steps, yes } => take_back(&database.url, steps, yes)?,
            Command::Check(AsMigrate { url }) => check(&url)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn take_back(url: &Secret, steps: usize, yes: bool) -> Result<(), Failure> {
    if yes {
        let done = migrations::down_step_by_step(url, steps, |version| told("taken back", version));
        nothing_done(&done.map_err(failed)?);
        return Ok(());
    }
    let known = migrations::status(url).map_err(failed)?;
    let applied = known.iter().rev().filter(|step| step.applied);
    let named: Vec<String> = applied.take(steps).map(named).collect();
    Err(Failure::new(
        format!("this would take back {}", named.join(", ")),
        "what they brought is lost with its data: say --yes if that is meant",
    ))
}

fn check(url: &Secret) -> Result<(), Failure> {
    let checked = migrations::check(url);
    if checked == Err(store::Error::SchemaBehind) {
        let steps = migrations::status(url).map_err(failed)?;
        for step in steps.iter().filter(|step| !step.applied) {
            terminal::result(format_args!("pending {}", named(step)));
        }
    }
    checked.map_err(failed)
}

impl Bootstrap {
    fn run(self) -> Result<(), store::Error> {
        let roles = Roles {
            database: self.database,
            migrate_password: self.migrate_password,
            app_password: self.app_password,
            read_password: self.read_password,
        };
        bootstrap(&self.superuser_url, &roles)
    }
}

fn state(step: &Step) -> &'static str {
    match (step.applied, &step.name) {
        (true, Some(_)) => "applied",
        (false, _) => "pending",
        (true, None) => "unknown",
    }
}

fn named(step: &Step) -> String {
    let name = step.name.as_ref().map(|name| format!(" {name}"));
    format!("{}{}", step.version, name.unwrap_or_default())
}

fn as_table(steps: &[Step]) -> String {
    let lines: Vec<String> = steps
        .iter()
        .map(|step| format!("{:<9} {}", state(step), named(step)))
        .collect();
    lines.join("\n")
}

fn as_json(steps: &[Step]) -> String {
    let steps = steps
        .iter()
        .map(|step| json!({ "version": step.version, "name": step.name, "state": state(step) }));
    steps.collect::<serde_json::Value>().to_string()
}

fn told(what: &str, version: &str) {
    terminal::result(format_args!("{what} {version}"));
}

fn nothing_done(versions: &[String]) {
    if versions.is_empty() {
        terminal::progress("there is nothing to do");
    }
}

fn failed(error: store::Error) -> Failure {
    let advice = advice(&error);
    Failure::new(error, advice)
}

/// What to do when the database could not be used.
pub(super) fn advice(error: &store::Error) -> &'static str {
    use store::Error as Store;
    match error {
        Store::SchemaBehind => "run `korrigo migrate up`",
        Store::SchemaUnknown => "use the version of Korrigo that made this schema, or a newer one",
        Store::Denied => "use the role that the command's help names",
        Store::Rejected => {
            "check user, password and database of the URL, and whether the server lets this machine in"
        }
        Store::Untrusted => {
            "check sslmode and sslrootcert of the URL, and what the server's certificate is for and who signed it"
        }
        Store::Full => "the server has no connection left: see who holds them, or wait",
        Store::ForeignMessages => "run `korrigo migrate bootstrap` again: it sets the language of the roles",
        Store::Contention | Store::Deadlock | Store::Timeout => {
            "somebody holds a table, or migrates: `korrigo blockers list` says who; then try again"
        }
        Store::WouldLose => "the way back is a backup of before: see `korrigo restore --help`",
        Store::Unwritable => {
            "the volume of the database is full or fails, or this is a server that only reads"
        }
        Store::Migration { source, .. } => advice(source),
        Store::Busy
        | Store::Unreachable
        | Store::Silent
        | Store::Lost
        | Store::Conflict { .. }
        | Store::Refused { .. }
        | Store::Stale { .. }
        | Store::Corrupt { .. }
        | Store::Abandoned
        | Store::Failed => "check the URL and whether the server runs; its log says more",
    }
}
