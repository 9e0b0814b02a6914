//! `korrigo audit verify`.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use clap::Args;
use domain::audit::{Finding, Place, Root, Subject};
use domain::{CopyId, TrailId, UserId};
use serde_json::{Value, json};
use store::{Database, Scope, Verified};

use super::checkpoints::{public_key, roots};
use crate::audit::{how_far, verify_export};
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::show::{NOT_FOUND, TROUBLE};
use crate::{Answer, Failure, terminal};

/// How it ends when nothing could be verified.
const NOT_VERIFIED: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    database: Option<AppDatabase>,
    /// Only this copy.
    #[arg(long, conflicts_with = "export")]
    copy: Option<CopyId>,
    /// Only this person: the id of their account.
    #[arg(long, conflicts_with_all = ["export", "copy"])]
    user: Option<UserId>,
    /// An export, instead of the database.
    #[arg(long, requires = "key")]
    export: Option<PathBuf>,
    /// The file of signed checkpoints.
    #[arg(long, env = "KORRIGO_AUDIT_CHECKPOINTS", requires = "key")]
    checkpoints: Option<PathBuf>,
    /// The file with the public key that they are signed with.
    #[arg(long, env = "KORRIGO_AUDIT_PUBLIC_KEY")]
    key: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(&self) -> Result<Answer, Failure> {
        let verified = self.verify().map_err(|failure| failure.ending(NOT_VERIFIED))?;
        let answer = Answer::new(as_sentence(&verified), as_json(&verified));
        Ok(match verified.finding {
            None => answer,
            Some(_) => answer.ending(TROUBLE),
        })
    }

    fn verify(&self) -> Result<Verified, Failure> {
        match (&self.export, &self.key) {
            (Some(export), Some(key)) => {
                let checkpoints = match self.roots(false)? {
                    Ok(roots) => roots,
                    Err(altered) => return Ok(found(altered)),
                };
                let key = public_key(key)?;
                let unreadable = |error| Failure::new(error, "check the path of the export").called("file");
                let file = File::open(export).map_err(unreadable)?;
                let verify = || verify_export(BufReader::new(file), &key, &checkpoints);
                let tell = |line: &str| terminal::step(line);
                terminal::during(tell, "verifying the export", verify).map_err(unreadable)
            }
            (_, _) => block_on(self.verify_database()),
        }
    }

    /// What the checkpoints vouch for, which are `known` to have been there or not.
    fn roots(&self, known: bool) -> Result<Result<Vec<Root>, Finding>, Failure> {
        match (&self.checkpoints, &self.key) {
            (Some(checkpoints), Some(key)) => roots(checkpoints, &public_key(key)?, known),
            (_, _) => Ok(Ok(Vec::new())),
        }
    }

    async fn verify_database(&self) -> Result<Verified, Failure> {
        let Some(database) = &self.database else {
            return Err(Failure::new(
                "there is nothing to verify",
                "give the database by KORRIGO_DATABASE_URL, or an export by --export",
            )
            .called("usage"));
        };
        let database = database.connect().await?;
        let trail = self.known(&database).await?;
        // Before the file is read, to which the service may add meanwhile.
        let vouched = match self.checkpoints {
            Some(_) => store::vouched(&database).await?,
            None => None,
        };
        let checkpoints = match self.roots(vouched.is_some())? {
            Ok(roots) => roots,
            Err(altered) => return Ok(found(altered)),
        };
        let scope = Scope {
            trail,
            checkpoints,
            vouched,
        };
        let tell = |so_far: &Verified| terminal::count(how_far(so_far));
        Ok(store::verify_telling(&database, scope, tell).await?)
    }

    /// The trail that is asked for, if one is, and if it is that of such a copy or person.
    async fn known(&self, database: &Database) -> Result<Option<TrailId>, Failure> {
        let copy = self.copy.map(Subject::from);
        let Some(subject) = copy.or(self.user.map(Subject::from)) else {
            return Ok(None);
        };
        let end = database
            .transaction("audit_end", move |tx| tx.events().end(subject.trail()))
            .await?;
        if end.is_some_and(|end| end.subject == subject) {
            return Ok(Some(subject.trail()));
        }
        let missing = match subject {
            Subject::Copy(_) => "there is no such copy",
            Subject::User(_) => "there is no such person",
        };
        Err(Failure::new(missing, "take the id from the API").called(NOT_FOUND))
    }
}

fn found(altered: Finding) -> Verified {
    Verified {
        finding: Some(altered),
        ..Verified::default()
    }
}

fn as_sentence(verified: &Verified) -> String {
    let Verified {
        copies,
        people,
        events,
        checkpoints,
        finding,
        ..
    } = verified;
    match finding {
        None if *checkpoints == 0 => format!(
            "{events} events of {copies} copies and {people} people fit together; without a checkpoint nobody vouches \
             that they are what was written"
        ),
        None => format!(
            "{events} events of {copies} copies and {people} people are what was written, by {checkpoints} signed \
             checkpoints"
        ),
        Some(finding) => finding.to_string(),
    }
}

fn as_json(verified: &Verified) -> Value {
    let Verified {
        copies,
        people,
        events,
        leaves,
        checkpoints,
        finding,
    } = verified;
    json!({
        "intact": finding.is_none(),
        "copies": copies,
        "people": people,
        "events": events,
        "leaves": leaves,
        "checkpoints": checkpoints,
        "finding": finding.as_ref().map(finding_json),
    })
}

fn finding_json(finding: &Finding) -> Value {
    let kind = finding.kind.as_str();
    match &finding.place {
        Place::Event(Subject::Copy(copy), seq) => {
            json!({ "kind": kind, "copy_id": copy.to_string(), "seq": seq })
        }
        Place::Event(Subject::User(user), seq) => {
            json!({ "kind": kind, "user_id": user.to_string(), "seq": seq })
        }
        Place::Trail(trail, seq) => json!({ "kind": kind, "trail_id": trail.to_string(), "seq": seq }),
        Place::Leaves(range) => json!({ "kind": kind, "from": range.start, "to": range.end }),
        Place::Checkpoint(number) => json!({ "kind": kind, "checkpoint": number }),
        Place::Line(number) => json!({ "kind": kind, "line": number }),
    }
}
