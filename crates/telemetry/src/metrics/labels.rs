//! Closed sets of label values that more than one metric, or other crates, use.

use super::metric::{Label, Values};

closed! {
    /// How a piece of document work ended.
    Finish {
        /// It worked.
        Success = "success",
        /// It did not.
        Failed = "failed",
    }
}

/// How a piece of document work ended, as a label.
pub(super) const STATUS: Label = Label {
    name: "status",
    values: Values::Closed(|| texts(Finish::ALL)),
};

closed! {
    /// Why a lock was refused.
    LockConflict {
        /// Somebody else has it.
        AlreadyLocked = "already_locked",
        /// It ran out.
        Expired = "expired",
        /// The token is not the lock's.
        TokenMismatch = "token_mismatch",
        /// The database was busy with another write.
        DbContention = "db_contention",
    }
}

closed! {
    /// What became of an attempt of a job.
    JobEnd {
        /// Done.
        Succeeded = "succeeded",
        /// To be tried again.
        Retried = "retried",
        /// Given up.
        Failed = "failed",
        /// Given back by a worker that shuts down.
        HandedBack = "handed_back",
        /// Called off by a person.
        Cancelled = "cancelled",
        /// Reported by a worker that no longer had the job.
        Late = "late",
        /// Its worker gave no sign of life.
        LeaseExpired = "lease_expired",
    }
}

closed! {
    /// A copy of the audit record outside the database.
    AuditSink {
        /// The file of signed checkpoints.
        Checkpoint = "checkpoint",
        /// The audit log.
        Log = "log",
    }
}

closed! {
    /// What is compared with the audit trail.
    AuditCheck {
        /// Copies and people whose trail does not end where they say, or has gaps.
        TrailEnds = "trail_ends",
        /// Copies whose status is not the one that their events lead to.
        Status = "status",
        /// Annotations whose versions and events do not match.
        Annotations = "annotations",
        /// Points and scores, given or published, that are not those of their events.
        Scores = "scores",
        /// Jobs that have ended and left no event.
        Jobs = "jobs",
        /// Corrected documents that no event vouches for, and events whose document is not there.
        Documents = "documents",
        /// People who are, or are locked out, otherwise than their trail said last.
        People = "people",
    }
}

closed! {
    /// What became of an attempt to log in.
    LoginEnd {
        /// A session was opened.
        Opened = "opened",
        /// Login or password was wrong.
        Refused = "refused",
    }
}

closed! {
    /// How a transaction ended.
    TransactionResult {
        /// Committed.
        Committed = "committed",
        /// Rolled back by our own decision.
        RolledBack = "rolled_back",
        /// It met another transaction.
        Contention = "contention",
        /// A time limit ran out.
        Timeout = "timeout",
        /// No connection to the database.
        Unavailable = "unavailable",
        /// Anything else.
        Failed = "failed",
    }
}

closed! {
    /// What the broker was told about a message.
    Settlement {
        /// Done with it.
        Acked = "acked",
        /// Deliver it again.
        Requeued = "requeued",
        /// To the dead letters.
        Discarded = "discarded",
    }
}

/// How many pages, as the label has it: 100 is in `51-100`, 101 in `100+`.
pub(crate) fn pages_bucket(pages: u32) -> &'static str {
    match pages {
        0..=10 => "1-10",
        11..=50 => "11-50",
        51..=100 => "51-100",
        101.. => "100+",
    }
}

pub(crate) fn pages_buckets() -> Vec<&'static str> {
    vec!["1-10", "11-50", "51-100", "100+"]
}

/// Which attempt, as the label has it. The first attempt is 1.
pub(crate) fn retry_attempt(attempt: u16) -> &'static str {
    match attempt {
        0 | 1 => "1",
        2 => "2",
        3.. => "3+",
    }
}

pub(crate) fn retry_attempts() -> Vec<&'static str> {
    vec!["1", "2", "3+"]
}

/// The texts of a closed set.
pub(crate) fn texts<T: Copy + Into<&'static str>>(all: &[T]) -> Vec<&'static str> {
    all.iter().map(|value| (*value).into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_edges_of_the_page_buckets_are_where_the_contract_has_them() {
        let buckets = [1, 10, 11, 50, 51, 100, 101].map(pages_bucket);
        assert_eq!(
            buckets,
            ["1-10", "1-10", "11-50", "11-50", "51-100", "51-100", "100+"]
        );
    }

    proptest! {
        #[test]
        fn every_count_and_attempt_has_a_declared_label(pages: u32, attempt: u16) {
            prop_assert!(pages_buckets().contains(&pages_bucket(pages)));
            prop_assert!(retry_attempts().contains(&retry_attempt(attempt)));
        }
    }
}
