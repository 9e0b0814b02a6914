//! `korrigo blockers`: who holds up others in the database.

use clap::{Args, Subcommand};
use domain::audit::Deed;
use domain::secret::Secret;
use serde_json::json;
use service::config::secret;
use store::Blocker;

use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::operator::Named;
use crate::commands::show::{self, NOT_FOUND};
use crate::commands::sight::Within;
use crate::operator::{Error, administrator, recorded};
use crate::{Answer, Failure};

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
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::List(command) => command.run(),
            Command::End(command) => command.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Answer, Failure> {
        // Whoever is in the way may have any table: none is looked at.
        let blockers = block_on(async {
            let database = self.database.in_a_hurry(self.within);
            Ok(self.within.deadline().blockers(&database).await?)
        })?;
        Ok(listed(&blockers))
    }
}

impl End {
    fn run(&self) -> Result<Answer, Failure> {
        block_on(self.admit())?;
        if !block_on(self.is_one())? || !store::blockers::end(&self.superuser_url, self.pid)? {
            let failure = Failure::new("nobody waits for this connection", "see `korrigo blockers list`");
            return Err(failure.called(NOT_FOUND));
        }
        let json = json!({ "pid": self.pid, "ended": true });
        let answer = Answer::new(format!("{} is ended", self.pid), json);
        let record = async {
            let database = self.database.connect().await?;
            Ok(recorded(&database, &self.operator.login, Deed::EndBlocker).await?)
        };
        match block_on(record) {
            Ok(()) => Ok(answer),
            Err(failure) => Err(failure
                .causing("the connection is ended, and no trail says so")
                .after(answer)),
        }
    }

    /// Whether somebody waits for it, as far as anybody can be asked: those who wait may have every connection that there is.
    async fn is_one(&self) -> Result<bool, Failure> {
        let database = self.database.in_a_hurry(self.within);
        let is_one = self.within.deadline().is_blocker(&database, self.pid).await;
        Ok(is_one.unwrap_or(true))
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

fn listed(blockers: &[Blocker]) -> Answer {
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
    let heads = ["PID", "ROLE", "PROGRAM", "WAITING", "FOR"];
    Answer::list(heads, &rows, blockers.iter().map(show::blocker).collect())
}
