//! `korrigo migrate`: the schema of the database.
//!
//! Services refuse to start on a schema that lacks something or does not support them any more, and never change it; this is
//! what does.

mod aside;

use clap::{Args, Subcommand};
use domain::secret::Secret;
use serde_json::{Value, json};
use service::config::secret;
use store::bootstrap::{Roles, bootstrap};
use store::migrations::{self, Step};
use store::{Unfinished, unfinished};

use crate::{Answer, Failure, terminal};

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
    /// Keeps the database under another name, and makes an empty one, to restore a backup into.
    ///
    /// Nothing in it is changed: it is evidence, which services cannot reach any more. Whoever runs PostgreSQL drops it when nobody
    /// wants it. All services have to be stopped. Without `--yes` it only says what it would do. Where it was broken off, it goes on.
    #[command(
        after_help = "Example: korrigo migrate set-aside --yes --superuser-url-file /etc/korrigo/secrets/superuser-url"
    )]
    SetAside(aside::SetAside),
    /// Lists the migrations and whether the database has them.
    #[command(after_help = "Example: korrigo migrate status --json")]
    Status(AsMigrate),
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
    /// Ends with 0 if this version can work on the schema and all of it is finished, else with 1 and what is missing.
    ///
    /// What is not finished is an index that is not valid, which is never read, or a constraint that was never validated, which
    /// holds for new rows only. Services work all the same.
    #[command(after_help = "Example: korrigo migrate check")]
    Check {
        #[command(flatten)]
        database: AsMigrate,
        /// End with 0 also if something is not finished, and say what: for who asks before services start.
        #[arg(long)]
        allow_unfinished: bool,
    },
}

#[derive(Debug, Args)]
struct AsMigrate {
    /// The database, as the role `korrigo_migrate`.
    #[arg(long = "url", env = "KORRIGO_MIGRATE_URL", hide_env_values = true, value_parser = secret)]
    url: Secret,
}

/// A database by its name, for who makes some.
#[derive(Debug, Args)]
struct OnServer {
    /// The server, as a superuser or a role that may create roles and databases.
    #[arg(long, env = "KORRIGO_SUPERUSER_URL", hide_env_values = true, value_parser = secret)]
    superuser_url: Secret,
    /// The name of the database.
    #[arg(long, env = "KORRIGO_DATABASE_NAME", default_value = "korrigo")]
    database: String,
}

#[derive(Debug, Args)]
struct Bootstrap {
    #[command(flatten)]
    server: OnServer,
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
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Bootstrap(command) => command.run().map_err(failed),
            Command::SetAside(command) => command.run(),
            Command::Status(AsMigrate { url }) => {
                let steps = migrations::status(&url).map_err(failed)?;
                Ok(Answer::new(as_table(&steps), steps.iter().map(as_json).collect()))
            }
            Command::Up(AsMigrate { url }) => {
                let answer = step_by_step(APPLIED, |tell| migrations::up_step_by_step(&url, tell))?;
                match migrations::check(&url).and_then(|()| unfinished(&url)) {
                    Ok(left) if left.is_empty() => Ok(answer),
                    Ok(left) => Err(not_finished(&left).after(answer)),
                    Err(error) => Err(failed(error).after(answer)),
                }
            }
            Command::Down { database, steps, yes } => take_back(&database.url, steps, yes),
            Command::Check {
                database,
                allow_unfinished,
            } => check(&database.url, allow_unfinished),
        }
    }
}

/// What became of migrations: in words, and as programs know it.
type Became = (&'static str, &'static str);
const APPLIED: Became = ("applied", "applied");
const TAKEN_BACK: Became = ("taken back", "taken_back");

/// Does steps, and has those told that were done, also if one failed.
fn step_by_step(
    became: Became,
    steps: impl FnOnce(&mut dyn FnMut(&str)) -> Result<Vec<String>, store::Error>,
) -> Result<Answer, Failure> {
    let mut done = Vec::new();
    let mut tell = |version: &str| {
        terminal::step(format_args!("{} {version}", became.0));
        done.push(version.to_owned());
    };
    let ended = terminal::during(|line| terminal::step(line), "migrating", || steps(&mut tell));
    match ended {
        Ok(_all) => Ok(told(became, &done)),
        Err(error) if done.is_empty() => Err(failed(error)),
        Err(error) => Err(failed(error).after(told(became, &done))),
    }
}

fn told((words, name): Became, versions: &[String]) -> Answer {
    let lines: Vec<String> = versions
        .iter()
        .map(|version| format!("{words} {version}"))
        .collect();
    let lines = if lines.is_empty() {
        "there is nothing to do".to_owned()
    } else {
        lines.join("\n")
    };
    Answer::new(lines, json!({ name: versions }))
}

fn take_back(url: &Secret, steps: usize, yes: bool) -> Result<Answer, Failure> {
    if yes {
        return step_by_step(TAKEN_BACK, |tell| migrations::down_step_by_step(url, steps, tell));
    }
    let known = migrations::status(url).map_err(failed)?;
    let applied = known.iter().rev().filter(|step| step.applied);
    let names: Vec<String> = applied.take(steps).map(named).collect();
    if names.is_empty() {
        return Ok(told(TAKEN_BACK, &[]));
    }
    let failure = Failure::new(
        format!("this would take back {}", names.join(", ")),
        "what they brought is lost with its data: say --yes if that is meant",
    );
    Err(failure.called("unconfirmed"))
}

fn check(url: &Secret, allow_unfinished: bool) -> Result<Answer, Failure> {
    match migrations::check(url) {
        Ok(()) => {
            let left = unfinished(url).map_err(failed)?;
            let answer = usable(&left);
            if left.is_empty() || allow_unfinished {
                Ok(answer)
            } else {
                Err(not_finished(&left).after(answer))
            }
        }
        Err(error @ store::Error::SchemaBehind) => {
            let steps = migrations::status(url).map_err(failed)?;
            let pending = steps.iter().filter(|step| !step.applied);
            let (lines, versions): (Vec<_>, Vec<_>) = pending
                .map(|step| (format!("pending {}", named(step)), step.version.clone()))
                .unzip();
            let pending = Answer::new(lines.join("\n"), json!({ "pending": versions }));
            Err(failed(error).after(pending))
        }
        Err(error) => Err(failed(error)),
    }
}

/// That this version can work on the schema, and what of it is not finished.
fn usable(left: &[Unfinished]) -> Answer {
    let mut lines = vec!["this version can work on the schema".to_owned()];
    lines.extend(left.iter().map(|one| format!("unfinished {}", called(one))));
    let left: Value = left
        .iter()
        .map(|one| json!({ "kind": one.kind, "name": one.name, "table": one.table }))
        .collect();
    Answer::new(lines.join("\n"), json!({ "pending": [], "unfinished": left }))
}

fn not_finished(left: &[Unfinished]) -> Failure {
    let names: Vec<String> = left.iter().map(called).collect();
    let failure = Failure::new(
        format!("not finished: {}", names.join(", ")),
        "unless somebody makes that index just now, drop it and make it again, and validate that constraint: \
         docs/operations.md#upgrades",
    );
    failure.called("schema_unfinished")
}

fn called(one: &Unfinished) -> String {
    format!("{} {} of {}", one.kind, one.name, one.table)
}

impl Bootstrap {
    fn run(self) -> Result<Answer, store::Error> {
        let roles = Roles {
            database: self.server.database,
            migrate_password: self.migrate_password,
            app_password: self.app_password,
            read_password: self.read_password,
        };
        bootstrap(&self.server.superuser_url, &roles)?;
        let database = roles.database;
        Ok(Answer::new(
            format!("the roles and the database {database} are there"),
            json!({ "database": database }),
        ))
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

fn as_json(step: &Step) -> Value {
    json!({ "version": step.version, "name": step.name, "state": state(step) })
}

fn failed(error: store::Error) -> Failure {
    error.into()
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
