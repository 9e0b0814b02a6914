//! `korrigo audit prove`: that one event is in the tree.

use clap::Args;
use domain::audit::{Prover, Subject, includes};
use domain::{Digest, TrailId};
use serde_json::json;
use store::Database;

use super::checkpoints::Checkpoints;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::show::NOT_FOUND;
use crate::{Answer, Failure, terminal};

/// How many leaves are read at a time.
const BATCH: u16 = 1000;

#[derive(Debug, Args)]
pub(super) struct Prove {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    checkpoints: Checkpoints,
    /// The copy, or the person: the id whose trail it is.
    #[arg(value_name = "ID")]
    trail: TrailId,
    /// The event's place in the trail, from 1.
    seq: i64,
}

impl Prove {
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let (_key, note, root) = self.checkpoints.last()?;
        let (trail, seq) = (self.trail, self.seq);
        let (leaf, whose, proof) = block_on(async {
            let database = self.database.connect().await?;
            let (leaf, end) = database
                .transaction("audit_leaf", move |tx| {
                    Ok::<_, store::Error>((tx.audit_tree().leaf(trail, seq)?, tx.events().end(trail)?))
                })
                .await?;
            let whose = end.ok_or_else(not_vouched)?.subject;
            let leaf = leaf
                .filter(|leaf| leaf.position < root.size)
                .ok_or_else(not_vouched)?;
            let prover = Prover::inclusion(leaf.position, root.size).ok_or_else(not_vouched)?;
            Ok((leaf, whose, prove(&database, prover, root.size).await?))
        })?;
        if !includes(root, leaf.position, leaf.digest(), &proof) {
            return Err(does_not_hold());
        }
        let key = match whose {
            Subject::Copy(_) => "copy_id",
            Subject::User(_) => "user_id",
        };
        Ok(Answer::of_json(json!({
            key: trail.to_string(),
            "seq": seq,
            "event_id": leaf.event.to_string(),
            "copy_version": leaf.version,
            "hash": leaf.hash.to_string(),
            "leaf": leaf.digest().to_string(),
            "position": leaf.position,
            "size": root.size,
            "root": root.hash.to_string(),
            "proof": texts(&proof),
            "checkpoint": note,
        })))
    }
}

/// Reads the leaves of a tree of `size` and gives the proof.
pub(super) async fn prove(
    database: &Database,
    mut prover: Prover,
    size: u64,
) -> Result<Vec<Digest>, Failure> {
    let mut next = 0;
    while next < size {
        terminal::count(format_args!("{next} of {size} leaves read"));
        let leaves = database
            .transaction("audit_leaves", move |tx| tx.trails().leaves(next, BATCH))
            .await?;
        if leaves.is_empty() {
            break;
        }
        for planted in leaves {
            prover.push(planted.leaf.position, planted.leaf.digest());
            next = planted.leaf.position + 1;
        }
    }
    prover.finish().ok_or_else(does_not_hold)
}

pub(super) fn does_not_hold() -> Failure {
    Failure::new(
        "the tree is not the one that was vouched for",
        "run `korrigo audit verify` with the same checkpoints",
    )
    .called("does_not_hold")
}

pub(super) fn texts(proof: &[Digest]) -> Vec<String> {
    proof.iter().map(Digest::to_string).collect()
}

fn not_vouched() -> Failure {
    Failure::new(
        "no checkpoint vouches for this event",
        "check id and place; a new event is vouched for within a minute",
    )
    .called(NOT_FOUND)
}
