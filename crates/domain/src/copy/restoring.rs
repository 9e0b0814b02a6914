//! Coming back from a backup.

use crate::audit::{Actor, Event, Metadata, Restore};
use crate::ids::{CopyId, OperationId, UserId};

/// That a copy is as a backup had it, to be recorded before anybody works with it.
#[derive(Debug)]
#[must_use = "a restore that is not recorded looks like a gap"]
pub struct Restoration {
    event: Event,
}

impl Restoration {
    /// An operator has restored this copy.
    pub fn of(copy: CopyId, restore: Restore, by: UserId, operation: OperationId) -> Self {
        Self {
            event: Event {
                copy,
                actor: Actor::Operator(by),
                operation,
                metadata: Metadata::Restore(restore),
            },
        }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}
