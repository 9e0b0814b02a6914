//! What people do to the system itself: it is of no copy and changes no person, so it stands in the trail of whoever did it.

use uuid::Uuid;

use crate::access::Caller;
use crate::audit::{Event, Metadata};
use crate::ids::{BatchId, JobId, OperationId, StudentId};

closed_names! {
    /// What somebody did.
    Act {
        /// They threw away a message that the broker had given up.
        DiscardLetter = "discard_letter",
        /// They had a job tried again or at once that no copy depends on.
        RetryJob = "retry_job",
        /// They called such a job off.
        CancelJob = "cancel_job",
        /// They put a scan aside that could not be taken apart.
        DiscardBatch = "discard_batch",
        /// They erased such a scan, which was kept for as long as scans are.
        EraseBatch = "erase_batch",
        /// They had a pupil without access forgotten.
        ErasePupil = "erase_pupil",
        /// They deleted the files that nothing referred to.
        SweepBlobs = "sweep_blobs",
        /// They ended a connection to the database that held up others.
        EndBlocker = "end_blocker",
        /// They had checkpoints begin anew.
        BeginAnew = "begin_anew",
    }
}

/// What somebody did, and to what. The store records it as an event of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a deed that is not recorded is in no trail"]
pub enum Deed {
    /// [`Act::DiscardLetter`]. Of a letter that nobody can read no job is known.
    DiscardLetter(Option<JobId>),
    /// [`Act::RetryJob`].
    RetryJob(JobId),
    /// [`Act::CancelJob`].
    CancelJob(JobId),
    /// [`Act::DiscardBatch`].
    DiscardBatch(BatchId),
    /// [`Act::EraseBatch`].
    EraseBatch(BatchId),
    /// [`Act::ErasePupil`].
    ErasePupil(StudentId),
    /// [`Act::SweepBlobs`].
    SweepBlobs,
    /// [`Act::EndBlocker`]. The number of a connection says nothing once it is ended.
    EndBlocker,
    /// [`Act::BeginAnew`].
    BeginAnew,
}

impl Deed {
    /// The event in the trail of whoever did it.
    #[must_use]
    pub fn event(self, caller: Caller, operation: OperationId) -> Event {
        let (act, on) = self.said();
        Event {
            subject: caller.user.into(),
            actor: caller.actor(),
            operation,
            metadata: Metadata::Operate { act, on },
        }
    }

    fn said(self) -> (Act, Option<Uuid>) {
        match self {
            Self::DiscardLetter(job) => (Act::DiscardLetter, job.map(Uuid::from)),
            Self::RetryJob(job) => (Act::RetryJob, Some(job.into())),
            Self::CancelJob(job) => (Act::CancelJob, Some(job.into())),
            Self::DiscardBatch(batch) => (Act::DiscardBatch, Some(batch.into())),
            Self::EraseBatch(batch) => (Act::EraseBatch, Some(batch.into())),
            Self::ErasePupil(pupil) => (Act::ErasePupil, Some(pupil.into())),
            Self::SweepBlobs => (Act::SweepBlobs, None),
            Self::EndBlocker => (Act::EndBlocker, None),
            Self::BeginAnew => (Act::BeginAnew, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::Through;
    use crate::audit::{Action, Actor};
    use crate::ids::Ids;
    use crate::user::Role;

    #[test]
    fn a_deed_is_in_the_trail_of_whoever_did_it_and_says_on_which_way() {
        let ids = Ids::sequence();
        let (user, job, operation) = (ids.next(), ids.next(), ids.next());
        for (through, actor) in [
            (Through::Commands, Actor::Operator(user)),
            (Through::Api, Actor::User(user)),
        ] {
            let caller = Caller {
                user,
                role: Role::Admin,
                through,
            };
            let event = Deed::CancelJob(job).event(caller, operation);
            assert_eq!(
                (event.subject, event.actor, event.action()),
                (user.into(), actor, Action::Operate)
            );
            assert_eq!(
                serde_json::to_value(&event.metadata).unwrap(),
                json!({ "act": "cancel_job", "on": job })
            );
        }
    }

    #[test]
    fn each_act_is_of_one_deed() {
        let ids = Ids::sequence();
        let deeds = [
            Deed::DiscardLetter(None),
            Deed::RetryJob(ids.next()),
            Deed::CancelJob(ids.next()),
            Deed::DiscardBatch(ids.next()),
            Deed::EraseBatch(ids.next()),
            Deed::ErasePupil(ids.next()),
            Deed::SweepBlobs,
            Deed::EndBlocker,
            Deed::BeginAnew,
        ];
        assert_eq!(deeds.map(|deed| deed.said().0), Act::ALL);
    }
}
