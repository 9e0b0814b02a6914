//! Coming back from a backup.

use crate::audit::{Actor, Event, Metadata, Restore, Subject};
use crate::ids::{OperationId, UserId};

/// That a copy or a person is as a backup had it, to be recorded before anybody works with it.
#[derive(Debug)]
#[must_use = "a restore that is not recorded looks like a gap"]
pub struct Restoration {
    event: Event,
}

impl Restoration {
    /// An operator has restored this copy or person.
    pub fn of(subject: Subject, restore: Restore, by: UserId, operation: OperationId) -> Self {
        let metadata = match subject {
            Subject::Copy(_) => Metadata::Restore(restore),
            Subject::User(_) => Metadata::RestoreUser(restore),
        };
        Self {
            event: Event {
                subject,
                actor: Actor::Operator(by),
                operation,
                metadata,
            },
        }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}
