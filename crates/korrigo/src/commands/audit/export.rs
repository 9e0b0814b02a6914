//! `korrigo audit export`: hands the trail out. That it does is recorded before the first byte.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use clap::Args;
use contracts::audit_export::{Export as Exported, Header, Line};
use domain::audit::{Actor, Root};
use domain::copy::Disclosure;
use domain::{Digest, Ids, OperationId, UserId};
use serde_json::json;
use store::Database;

use super::checkpoints::Checkpoints;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::operator::Named;
use crate::operator::administrator;
use crate::{Answer, Failure, terminal};

/// How many events are read at a time.
const BATCH: u16 = 500;
/// How many copies are told at a time. Whoever corrects one of them waits as long.
const COPIES: u16 = 50;

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    checkpoints: Checkpoints,
    /// The file to write, which must not be there yet. Only its owner can read it: it holds marks.
    #[arg(long)]
    to: PathBuf,
    #[command(flatten)]
    operator: Named,
}

impl Export {
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let (key, note, root) = self.checkpoints.last()?;
        let copies = block_on(async {
            let database = self.database.connect().await?;
            let held = database
                .transaction("audit_size", |tx| tx.audit_tree().size())
                .await?;
            if held < root.size {
                return Err(Failure::new(
                    "the database has fewer events than the checkpoint vouches for",
                    "run `korrigo audit verify` with the same checkpoints",
                )
                .called("older_than_checkpoint"));
            }
            let operator = administrator(&database, &self.operator.login).await?;
            // Nothing is recorded if there is nowhere to write to.
            let file = self.file()?;
            let exported = async {
                let copies = record(&database, root.hash, operator).await?;
                let lines = [Line::Checkpoint(note), Line::key(&key)];
                let header = Header {
                    origin: key.name().as_str().to_owned(),
                    size: root.size,
                };
                whole(file, (header, root, lines), &database).await?;
                Ok(copies)
            };
            let exported = exported.await;
            if exported.is_err() {
                // A part of an export is none. That it cannot be taken away is no news beside why it is a part.
                drop(fs::remove_file(&self.to));
            }
            exported
        })?;
        Ok(told(root, copies))
    }

    fn file(&self) -> Result<BufWriter<File>, Failure> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&self.to);
        Ok(BufWriter::new(file.map_err(unwritable)?))
    }
}

/// Records in the trail of every copy that it is handed out.
async fn record(database: &Database, root: Digest, operator: UserId) -> Result<u64, Failure> {
    let operation = Ids::time_ordered().next::<OperationId>();
    let (mut after, mut told) = (None, 0);
    loop {
        let copies = database
            .transaction("record_audit_export", move |tx| {
                let copies = tx.trails().copies(after, COPIES)?;
                for copy in &copies {
                    let disclosure = Disclosure::of_trail(*copy, root, Actor::Operator(operator), operation);
                    // The row is the record; the log and the metrics are the services'.
                    let _entry = tx.disclose(&disclosure)?;
                }
                Ok::<_, store::Error>(copies)
            })
            .await?;
        told += u64::try_from(copies.len()).unwrap_or(u64::MAX);
        terminal::count(format_args!("recorded in the trails of {told} copies"));
        after = copies.last().copied();
        if after.is_none() {
            return Ok(told);
        }
    }
}

fn told(Root { size, hash }: Root, copies: u64) -> Answer {
    Answer::new(
        format!("{size} events exported, recorded in the trails of {copies} copies; the root is {hash}"),
        json!({ "events": size, "copies": copies, "root": hash.to_string() }),
    )
}

/// Writes all of it, to the disk.
async fn whole(
    mut file: BufWriter<File>,
    (header, root, last): (Header, Root, [Line; 2]),
    database: &Database,
) -> Result<(), Failure> {
    write(&mut file, &Line::Header(header))?;
    stream(database, root, &mut file).await?;
    for line in &last {
        write(&mut file, line)?;
    }
    let file = file.into_inner();
    let file = file.map_err(|error| unwritable(error.into_error()))?;
    file.sync_all().map_err(unwritable)
}

async fn stream(database: &Database, root: Root, file: &mut BufWriter<File>) -> Result<(), Failure> {
    let mut next = 0;
    while next < root.size {
        let events = database
            .transaction("export_audit", move |tx| tx.audit_tree().events(next, BATCH))
            .await?;
        terminal::count(format_args!("{next} of {} events exported", root.size));
        let before = next;
        for (leaf, event) in events {
            if leaf.position < root.size {
                write(file, &Line::Event(Box::new(Exported::of(&leaf, event))))?;
            }
            next = leaf.position + 1;
        }
        if next == before {
            return Err(Failure::new(
                "events are missing",
                "run `korrigo audit verify` with the same checkpoints",
            )
            .called("events_missing"));
        }
    }
    Ok(())
}

fn write(file: &mut BufWriter<File>, line: &Line) -> Result<(), Failure> {
    writeln!(file, "{}", line.write()).map_err(unwritable)
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::new(
        error,
        "give a file that is not there yet, on a disk with room for it",
    )
    .called("file")
}
