//! Who commands, as part of what, and when.

use crate::Timestamp;
use crate::access::Through;
use crate::audit::Actor;
use crate::ids::{OperationId, UserId};

/// A person asks for something.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Who.
    pub by: UserId,
    /// On which way.
    pub through: Through,
    /// As part of what.
    pub operation: OperationId,
    /// When, by the database's clock.
    pub now: Timestamp,
}

impl Asked {
    /// Who, as the trail names them.
    #[must_use]
    pub const fn actor(self) -> Actor {
        self.through.actor(self.by)
    }
}

/// A process attempted something on its own account, as which operation, and for the how-manieth time.
#[derive(Debug, Clone, Copy)]
pub struct Attempted {
    /// Who.
    pub by: Actor,
    /// As part of what.
    pub operation: OperationId,
    /// Which attempt of the job.
    pub attempt: u16,
}
