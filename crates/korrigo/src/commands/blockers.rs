//! `korrigo blockers`: who holds up others in the database.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::audit::Deed;
use domain::secret::Secret;
use serde_json::Value;
use service::config::secret;
use store::Blocker;

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::operator::Named;
use crate::commands::show;
use crate::commands::sight::Within;
use crate::operator::{Error, administrator, recorded};
use crate::table::table;
use crate::terminal;

/// Arguments of `korrigo blockers`.
#[derive(Debug, Args)]
pub struct Blockers {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the connections for which others have waited for longer than a second, the worst first, and those that have a
    /// table for themselves.
    #[command(after_help = "Example: korrigo blockers list --json")]
    List(List),
    /// Ends such a connection. What it had not committed is rolled back.
    #[command(
        after_help = "Example: korrigo blockers end 4711 --superuser-url-file /etc/korrigo/secrets/superuser-url \\
  --operator head@school.example"
    )]
    End(End),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    within: Within,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct End {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    within: Within,
    #[command(flatten)]
    operator: Named,
    /// The database, as a superuser, or as the role that is connected.
    #[arg(long, env = "KORRIGO_SUPERUSER_URL", hide_env_values = true, value_parser = secret)]
    superuser_url: Secret,
    /// Which, by its number in the list.
    pid: i32,
}

impl Blockers {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::List(command) => command.run()?,
            Command::End(command) => command.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        // Whoever is in the way may have any table: none is looked at.
        let blockers = block_on(async {
            let database = self.database.in_a_hurry(self.within);
            let seen = database.transaction("list_blockers", |tx| tx.blockers().list());
            Ok(seen.await?)
        })?;
        terminal::result(if self.json {
            blockers.iter().map(show::blocker).collect::<Value>().to_string()
        } else {
            as_table(&blockers)
        });
        Ok(())
    }
}

impl End {
    fn run(&self) -> Result<(), Failure> {
        block_on(self.admit())?;
        if !store::blockers::end(&self.superuser_url, self.pid)? {
            return Err(Failure::new(
                "nobody waits for this connection",
                "see `korrigo blockers list`",
            ));
        }
        terminal::result(format_args!("{} is ended", self.pid));
        let record = async {
            let database = self.database.connect().await?;
            Ok(recorded(&database, &self.operator.login, Deed::EndBlocker).await?)
        };
        block_on(record).inspect_err(|_failure| terminal::problem("no trail says that it was ended:"))
    }

    /// Refuses who is no administrator, as far as anybody can be asked: whoever is to be ended may be why nobody answers.
    async fn admit(&self) -> Result<(), Failure> {
        let database = self.database.in_a_hurry(self.within);
        match administrator(&database, &self.operator.login).await {
            Ok(_) | Err(Error::Store(_)) => Ok(()),
            Err(error @ (Error::Nobody | Error::Token | Error::Refused(_))) => Err(error.into()),
        }
    }
}

fn as_table(blockers: &[Blocker]) -> String {
    let rows: Vec<_> = blockers
        .iter()
        .map(|blocker| {
            [
                blocker.pid.to_string(),
                blocker.role.to_owned(),
                blocker.program.to_owned(),
                blocker.waiting.to_string(),
                format!("{} s", blocker.seconds),
            ]
        })
        .collect();
    table(["PID", "ROLE", "PROGRAM", "WAITING", "FOR"], &rows)
}
