//! What the database knows of how everything is.

use std::time::Duration;

use domain::{Status as CopyStatus, Timestamp};
use serde_json::{Value, json};
use store::{Backlog, Error, Held, Stuck, Tx};

use crate::commands::show::LIMIT;
use crate::diagnosis::{Finding, is_over};

/// What the tables say.
pub(super) struct Tables {
    copies: Vec<(CopyStatus, i64)>,
    stuck: Stuck,
    outbox: Backlog,
    locks: Held,
    /// How many locks should be gone by now.
    over: usize,
}

/// Reads them. A job stands still that has not ended for so long.
pub(super) fn look(tx: &mut Tx<'_>, waiting: chrono::TimeDelta) -> Result<Tables, Error> {
    let now: Timestamp = tx.now()?;
    let locks = tx.diagnosis().locks(true, LIMIT)?;
    Ok(Tables {
        over: locks.iter().filter(|lock| is_over(lock, now)).count(),
        copies: tx.copies().count_by_status()?,
        stuck: tx.diagnosis().count_stuck(waiting)?,
        outbox: tx.outbox().unsent_stats()?,
        locks: tx.locks().stats()?,
    })
}

impl Tables {
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        let found = [
            (self.outbox.oldest > Duration::from_mins(1), Finding::OutboxStuck),
            (self.over > 0, Finding::LocksOverdue),
            (self.stuck.imports > 0, Finding::ImportsFailed),
            (self.stuck.splits > 0, Finding::SplitsFailed),
            (self.stuck.finalizes > 0, Finding::FinalizesFailed),
            (self.stuck.archives > 0, Finding::ArchivesFailed),
            (self.stuck.forgotten > 0, Finding::CopiesForgotten),
            (self.stuck.silent > 0, Finding::LeasesOver),
            (self.stuck.waiting > 0, Finding::JobsWaiting),
        ];
        let found = found.into_iter().filter(|(is, _)| *is);
        found.map(|(_, finding)| finding)
    }

    pub(super) fn as_lines(&self) -> Vec<String> {
        let copies = self.copies.iter();
        let copies: Vec<_> = copies
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        let Stuck {
            imports,
            finalizes,
            splits,
            archives,
            silent,
            forgotten,
            waiting,
        } = self.stuck;
        vec![
            "database  answers, with the schema of this version".to_owned(),
            format!(
                "copies    {}; {imports} not imported, {finalizes} not finalized, {forgotten} forgotten",
                copies.join(", ")
            ),
            format!(
                "jobs      {waiting} have waited for too long, {silent} have a silent worker; \
                 {splits} scans not taken apart, {archives} archives not made"
            ),
            format!(
                "outbox    {} messages wait, the oldest has been due for {} s",
                self.outbox.unsent,
                self.outbox.oldest.as_secs()
            ),
            format!(
                "locks     the oldest is {} s old; {} should be gone",
                self.locks.oldest.as_secs(),
                self.over
            ),
        ]
    }

    pub(super) fn as_json(&self) -> Value {
        let copies = self.copies.iter();
        json!({
            "copies": copies
                .map(|(status, count)| (status.to_string(), Value::from(*count)))
                .collect::<serde_json::Map<_, _>>(),
            "stuck": {
                "imports": self.stuck.imports,
                "finalizes": self.stuck.finalizes,
                "splits": self.stuck.splits,
                "archives": self.stuck.archives,
                "forgotten": self.stuck.forgotten,
                "silent": self.stuck.silent,
                "waiting": self.stuck.waiting,
            },
            "outbox": { "unsent": self.outbox.unsent, "oldest_seconds": self.outbox.oldest.as_secs() },
            "locks": { "overdue": self.over, "oldest_seconds": self.locks.oldest.as_secs() },
        })
    }
}
