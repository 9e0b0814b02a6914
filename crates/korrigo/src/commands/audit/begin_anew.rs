//! `korrigo audit begin-anew`: checkpoints that are lost for good are no longer waited for.

use clap::Args;
use domain::audit::{Deed, Root};
use domain::secret::Secret;
use serde_json::json;
use service::config::secret;
use store::Database;

use crate::commands::cli::block_on;
use crate::commands::operator::Named;
use crate::operator::{self, Error};
use crate::{Answer, Failure};

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
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let forgotten = block_on(self.forget())?;
        let root = forgotten.ok_or_else(|| {
            Failure::new(
                "what was vouched for last is not of this size",
                "take the second number of `checkpoints_lost` from `korrigo audit verify`, with the checkpoints and the key \
                 that the service has; if that finds `bad_signature` since the key was changed, move the file of the key \
                 of before away first",
            )
            .called("other_size")
        })?;
        let (size, hash) = (root.size, root.hash.to_string());
        Ok(Answer::new(
            format!("forgotten: a checkpoint vouched for {size} leaves with the root {hash}; keep this line"),
            json!({ "forgotten_size": size, "forgotten_root": hash }),
        ))
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
