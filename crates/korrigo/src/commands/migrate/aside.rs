//! `korrigo migrate set-aside`: room for a restore, beside a database that is spoilt.

use clap::Args;
use serde_json::json;
use store::bootstrap::{Aside, NotAside};

use super::OnServer;
use crate::{Answer, Failure};

#[derive(Debug, Args)]
pub(super) struct SetAside {
    #[command(flatten)]
    server: OnServer,
    /// Do it.
    #[arg(long)]
    yes: bool,
}

impl SetAside {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let OnServer {
            superuser_url,
            database,
        } = self.server;
        let plan = Aside::plan(&superuser_url, &database).map_err(refused)?;
        let (name, was_begun) = (plan.name().to_owned(), plan.was_begun());
        if !self.yes {
            let failure = Failure::new(
                if was_begun {
                    format!(
                        "there is no database {database}, and the last that was set aside is {name}: this would make an empty one"
                    )
                } else {
                    format!("this would set aside the database {database} as {name}, and make an empty one")
                },
                "services find nothing there until a backup is restored: say --yes if that is meant",
            );
            return Err(failure.called("unconfirmed"));
        }
        plan.carry_out().map_err(refused)?;
        let words = if was_begun {
            format!(
                "there was no database {database}: it is an empty one; the last that was set aside is {name}"
            )
        } else {
            format!("the database that was {database} is kept as {name}, and {database} is an empty one")
        };
        let json = json!({ "database": database, "aside": name, "was_begun": was_begun });
        Ok(Answer::new(words, json))
    }
}

fn refused(why: NotAside) -> Failure {
    let (code, advice) = match why {
        NotAside::InUse { .. } => (
            "database_in_use",
            "stop the services, and whoever else is connected to it",
        ),
        NotAside::Replaced => (
            "database_replaced",
            "see who else sets it aside, and what is in the database of this name now, before you say it again",
        ),
        NotAside::NoDatabase => (
            "database_missing",
            "name another one with --database, or make it with `korrigo migrate bootstrap`",
        ),
        NotAside::NoRoles => (
            "roles_missing",
            "`korrigo migrate bootstrap` makes them, and an empty database",
        ),
        NotAside::Denied => (
            "denied",
            "use a superuser, or a role that may create roles and databases",
        ),
        NotAside::Within => (
            "database_itself",
            "name another database of the server in the URL, such as postgres",
        ),
        NotAside::Server(error) => return error.into(),
    };
    Failure::new(why, advice).called(code)
}
