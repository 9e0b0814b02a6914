//! What the database knows of how everything is.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{Status as CopyStatus, Timestamp};
use serde_json::{Value, json};
use store::{Backlog, Error, Held, Stuck, Tx};

use crate::commands::show::{self, LIMIT};
use crate::diagnosis::{Finding, is_over};

/// After how many hours a backup is too old: one that is taken every day and takes two hours. An alert asks the same.
const BACKUP_HOURS: i64 = 26;

/// What the tables say.
pub(super) struct Tables {
    copies: Vec<(CopyStatus, i64)>,
    stuck: Stuck,
    outbox: Backlog,
    locks: Held,
    /// How many locks should be gone by now.
    over: usize,
    backup: Backup,
}

/// What is known of backups.
#[derive(Clone, Copy)]
struct Backup {
    now: Timestamp,
    /// When the last one was taken.
    last: Option<Timestamp>,
    /// Since when there is something to be lost.
    since: Option<Timestamp>,
}

/// Reads them. A job stands still that has not ended for so long.
pub(super) fn look(tx: &mut Tx<'_>, waiting: TimeDelta) -> Result<Tables, Error> {
    let now: Timestamp = tx.now()?;
    let locks = tx.diagnosis().locks(true, LIMIT)?;
    Ok(Tables {
        over: locks.iter().filter(|lock| is_over(lock, now)).count(),
        copies: tx.copies().count_by_status()?,
        stuck: tx.diagnosis().count_stuck(waiting)?,
        outbox: tx.outbox().unsent_stats()?,
        locks: tx.locks().stats()?,
        backup: Backup {
            now,
            last: tx.last_backup()?,
            since: tx.diagnosis().oldest_exam()?,
        },
    })
}

impl Backup {
    /// Whether somebody should have taken one. A system that is new or empty has had nothing to lose for so long.
    fn is_old(self) -> bool {
        let too_old = |at: Timestamp| self.now - at > TimeDelta::hours(BACKUP_HOURS);
        self.since.is_some_and(too_old) && self.last.is_none_or(too_old)
    }

    fn words(self) -> String {
        self.last.map_or_else(
            || "none is known".to_owned(),
            |last| format!("the last one was taken {}", show::ago(self.now, last)),
        )
    }

    fn age_seconds(self) -> Option<i64> {
        self.last.map(|last| (self.now - last).num_seconds())
    }
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
            (self.backup.is_old(), Finding::BackupOld),
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
            format!("backup    {}", self.backup.words()),
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
            "backup": { "age_seconds": self.backup.age_seconds() },
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const RULES: &str = include_str!("../../../../../deploy/prometheus/rules/backups.yml");

    #[test]
    fn a_backup_is_old_where_something_could_have_been_saved_for_longer_than_a_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let ago = |hours: i64| Some(now - TimeDelta::hours(hours));
        for (since, last, old) in [
            (None, None, false),
            (None, ago(400), false),
            (ago(26), None, false),
            (ago(27), None, true),
            (ago(27), ago(26), false),
            (ago(400), ago(27), true),
            (ago(25), ago(400), false),
        ] {
            let backup = Backup { now, last, since };
            assert_eq!(backup.is_old(), old, "{since:?} {last:?}");
        }
    }

    #[test]
    fn status_and_the_alert_mean_the_same_hours() {
        let rule =
            format!("time() - max(grading_backup_last_success_timestamp_seconds) > {BACKUP_HOURS} * 3600");
        assert!(RULES.contains(&rule), "{rule}");
    }
}
