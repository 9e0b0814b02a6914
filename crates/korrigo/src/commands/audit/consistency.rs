//! `korrigo audit consistency`: that the tree only grew.

use clap::Args;
use domain::audit::{Frontier, Prover, Root, continues};
use serde_json::json;
use store::Database;

use super::prove::{does_not_hold, prove, texts};
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::{Answer, Failure, terminal};

/// How many leaves are read at a time.
const BATCH: u16 = 1000;

#[derive(Debug, Args)]
pub(super) struct Consistency {
    #[command(flatten)]
    database: AppDatabase,
    /// How many events the earlier tree has.
    old: u64,
    /// How many events the later tree has.
    new: u64,
}

impl Consistency {
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let prover = Prover::consistency(self.old, self.new).ok_or_else(|| {
            Failure::new(
                "there is no such proof",
                "the earlier tree has at least one event, and no more than the later one",
            )
            .called("usage")
        })?;
        let (old, new, proof) = block_on(async {
            let database = self.database.connect().await?;
            let (old, new) = roots(&database, self.old, self.new).await?;
            Ok((old, new, prove(&database, prover, self.new).await?))
        })?;
        if !continues(old, new, &proof) {
            return Err(does_not_hold());
        }
        Ok(Answer::of_json(json!({
            "old_size": old.size,
            "old_root": old.hash.to_string(),
            "new_size": new.size,
            "new_root": new.hash.to_string(),
            "proof": texts(&proof),
        })))
    }
}

async fn roots(database: &Database, old: u64, new: u64) -> Result<(Root, Root), Failure> {
    let (mut tree, mut earlier) = (Frontier::default(), None);
    while tree.size() < new {
        let next = tree.size();
        terminal::count(format_args!("{next} of {new} leaves read"));
        let leaves = database
            .transaction("audit_leaves", move |tx| tx.trails().leaves(next, BATCH))
            .await?;
        if leaves.is_empty() {
            break;
        }
        for planted in leaves
            .into_iter()
            .take_while(|planted| planted.leaf.position < new)
        {
            tree.push(planted.leaf.digest());
            if tree.size() == old {
                earlier = Some(root(&tree));
            }
        }
    }
    match earlier {
        Some(earlier) if tree.size() == new => Ok((earlier, root(&tree))),
        Some(_) | None => Err(
            Failure::new("the tree has fewer events", "take the sizes from checkpoints")
                .called("too_few_events"),
        ),
    }
}

fn root(tree: &Frontier) -> Root {
    Root {
        size: tree.size(),
        hash: tree.root(),
    }
}
