//! `korrigo audit begin-anew`: checkpoints that are lost for good are no longer waited for.

use std::process::ExitCode;

use clap::Args;
use domain::audit::{Deed, Root};
use domain::secret::Secret;
use service::config::secret;
use store::Database;

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::operator::Named;
use crate::operator::{self, Error};
use crate::terminal;

#[derive(Debug, Args)]
pub(super) struct BeginAnew {
    /// The database, as the role `korrigo_migrate`: the services may not forget.
    #[arg(long = "url", env = "KORRIGO_MIGRATE_URL", hide_env_values = true, value_parser = secret)]
    url: Secret,
    #[command(flatten)]
    operator: Named,
    /// How many leaves were vouched for last: where the leaves end that `korrigo audit verify` names with
    /// `checkpoints_lost`.
    #[arg(long)]
    size: u64,
}

impl BeginAnew {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let forgotten = block_on(self.forget())?;
        let root = forgotten.ok_or_else(|| {
            Failure::new(
                "what was vouched for last is not of this size",
                "take the second number of `checkpoints_lost` from `korrigo audit verify`, with the checkpoints and the key \
                 that the service has; if that finds `bad_signature` since the key was changed, move the file of the key \
                 of before away first",
            )
        })?;
        terminal::result(format_args!(
            "forgotten: a checkpoint vouched for {} leaves with the root {}; keep this line",
            root.size, root.hash
        ));
        Ok(ExitCode::SUCCESS)
    }

    async fn forget(&self) -> Result<Option<Root>, Failure> {
        let database = Database::connect(store::Config::of_owner(self.url.clone())).await?;
        let (size, login) = (self.size, self.operator.login.clone());
        let forgotten = database.transaction("begin_anew", move |tx| {
            let forgotten = tx.audit_tree().forget_vouched(size)?;
            if forgotten.is_some() {
                operator::record(tx, &login, Deed::BeginAnew)?;
            }
            Ok::<_, Error>(forgotten)
        });
        Ok(forgotten.await?)
    }
}
