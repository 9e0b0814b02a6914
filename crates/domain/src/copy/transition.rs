//! A change of a copy with the event it leaves.

use crate::audit::{Actor, Event, Metadata};
use crate::copy::{Copy, State};
use crate::ids::OperationId;
use crate::job::Job;
use crate::status::Status;

/// A change of a copy with the event it leaves. Only this crate makes one, only the store records one.
#[derive(Debug)]
#[must_use = "a transition that is not recorded did not happen"]
pub struct Transition {
    from: Status,
    copy: Copy,
    event: Event,
}

/// A change of a copy that starts a job. Only the store can record it.
#[derive(Debug)]
#[must_use = "what is not recorded did not start"]
pub struct Started {
    transition: Transition,
    job: Job,
}

impl Transition {
    /// Where the copy was.
    #[must_use]
    pub fn from(&self) -> Status {
        self.from
    }

    /// The copy as it will be.
    #[must_use]
    pub fn copy(&self) -> &Copy {
        &self.copy
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The copy as it is once this is recorded, to go on with.
    #[must_use]
    pub fn into_copy(self) -> Copy {
        self.copy
    }
}

impl Started {
    pub(super) fn new(transition: Transition, job: Job) -> Self {
        Self { transition, job }
    }

    /// The change.
    pub fn transition(&self) -> &Transition {
        &self.transition
    }

    /// The job, QUEUED.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }
}

impl Copy {
    pub(super) fn to(
        self,
        state: State,
        actor: Actor,
        operation: OperationId,
        metadata: Metadata,
    ) -> Transition {
        let event = Event {
            subject: self.id.into(),
            actor,
            operation,
            metadata,
        };
        Transition {
            from: self.state.status(),
            copy: Self {
                state,
                version: self.version + 1,
                ..self
            },
            event,
        }
    }
}
