//! `korrigo restore`: the way back from a backup.

use std::path::PathBuf;
use std::time::Instant;

use blobs::Blobs;
use chrono::TimeDelta;
use clap::Args;
use domain::Digest;
use domain::secret::Secret;
use serde_json::{Value, json};
use service::config::secret;

use crate::backup::{Error, Plan, Restored, restore};
use crate::commands::backup::{AsOwner, MaybeCheckpoints};
use crate::commands::blobs::place;
use crate::commands::cli::block_on;
use crate::commands::show::TROUBLE;
use crate::{Answer, Failure, terminal};

/// Arguments of `korrigo restore`.
#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    owner: AsOwner,
    #[command(flatten)]
    checkpoints: MaybeCheckpoints,
    /// The same database, as the role `korrigo_app`.
    #[arg(long = "database-url", env = "KORRIGO_DATABASE_URL", hide_env_values = true, value_parser = secret)]
    app_url: Secret,
    /// Where the blobs go: a directory or a bucket, which must be new or empty without `--reuse-blobs`.
    #[command(flatten)]
    settings: blobs::Settings,
    /// Leave what is where the blobs go: what the backup has is read there, and put again where it is missing or damaged.
    #[arg(long)]
    reuse_blobs: bool,
    /// Who does it: the login of somebody who was administrator when the backup was taken. The trail says so.
    #[arg(long, env = "KORRIGO_OPERATOR")]
    operator: String,
    /// How many events are known to be lost, which the last checkpoint vouches for.
    #[arg(long, value_name = "EVENTS")]
    accept_loss: Option<u64>,
    /// Apply the migrations that the backup lacks.
    #[arg(long)]
    migrate: bool,
    /// The digest that was printed when the backup was taken.
    #[arg(long)]
    digest: Option<Digest>,
    /// The directory of the backup.
    directory: PathBuf,
}

impl Restore {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let tools = self.owner.tools();
        let blobs = Blobs::open(&place(&self.settings)?);
        let plan = Plan {
            outside: self.checkpoints.read()?,
            blobs: blobs.map_err(Error::from)?,
            reuse_blobs: self.reuse_blobs,
            directory: self.directory,
            expected: self.digest,
            owner: self.owner.url,
            app: self.app_url,
            operator: self.operator,
            accepted_loss: self.accept_loss,
            migrate: self.migrate,
        };
        let restored = block_on(async { Ok(restore(&plan, &tools, |line| terminal::step(line)).await) })?;
        let restored = restored?;
        let seconds = begun.elapsed().as_secs_f64();
        let words = as_sentences(&restored, seconds);
        let answer = Answer::new(words, as_json(&restored, seconds));
        Ok(if restored.disagreements == 0 {
            answer
        } else {
            answer.ending(TROUBLE)
        })
    }
}

fn as_json(restored: &Restored, seconds: f64) -> Value {
    let manifest = &restored.sealed.manifest;
    json!({
        "digest": restored.sealed.digest.to_string(),
        "taken_at": manifest.taken_at,
        "age_seconds": age(restored).num_seconds(),
        "took_seconds": seconds,
        "copies": manifest.copies,
        "events": manifest.events,
        "blobs": manifest.blobs,
        "blob_bytes": manifest.blob_bytes,
        "blobs_put": restored.put,
        "lost_events": restored.lost,
        "lost_checkpoints": restored.lost_checkpoints,
        "missing_checkpoint": restored.missing_checkpoint,
        "checkpoints": restored.verified.checkpoints,
        "disagreements": restored.disagreements,
        "recorded_in": restored.recorded.copies,
        "recorded_in_people": restored.recorded.people,
        "files_read": restored.read,
    })
}

/// How long ago the backup was taken: what came since is lost.
fn age(restored: &Restored) -> TimeDelta {
    let since = restored.at - restored.sealed.manifest.taken_at;
    since.max(TimeDelta::zero())
}

fn as_sentences(restored: &Restored, seconds: f64) -> String {
    let manifest = &restored.sealed.manifest;
    let mut lines = vec![
        format!(
            "restored: {} copies, {} events, {} files as of {}",
            manifest.copies, manifest.events, manifest.blobs, manifest.taken_at
        ),
        format!(
            "{} of the files were put into the store: it did not have them, or not as they were",
            restored.put
        ),
        format!(
            "it took {seconds:.0} s; the backup was {} minutes old",
            age(restored).num_minutes()
        ),
        format!(
            "{} files that the tables name were read to their end",
            restored.read
        ),
        match restored.verified.checkpoints {
            0 => "the trail fits together; without a checkpoint nobody vouches that it is what was written"
                .to_owned(),
            checkpoints => format!("the trail is what was written, by {checkpoints} signed checkpoints"),
        },
        format!(
            "recorded in the trails of {} copies and {} people",
            restored.recorded.copies, restored.recorded.people
        ),
    ];
    if restored.lost > 0 {
        lines.push(format!(
            "LOST: {} events that came after the backup",
            restored.lost
        ));
    }
    if let Some(kept) = &restored.lost_checkpoints {
        lines.push(format!(
            "the checkpoints that vouched for them are in {}",
            kept.display()
        ));
    }
    if let Some(size) = restored.missing_checkpoint {
        lines.push(format!(
            "NOTHING WILL BE SIGNED: the checkpoint of {size} leaves is missing. Put a later copy of the file where it \
             belongs. If there is none, say that you know: `korrigo audit begin-anew --size {size}`"
        ));
    }
    if restored.disagreements > 0 {
        lines.push(format!(
            "the tables do not agree with the trail in {} places: `korrigo audit reconcile`",
            restored.disagreements
        ));
    }
    lines.push("all people have to log in again, and open invitations have to be sent again".to_owned());
    lines.join("\n")
}
