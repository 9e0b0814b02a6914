//! Who did it.

use uuid::Uuid;

use crate::ids::{UserId, WorkerId};

/// Who did it: an opaque id and its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, through the API.
    User(UserId),
    /// A process of the system on its own account.
    Service(WorkerId),
    /// A person, with the operators' commands.
    Operator(UserId),
}

impl Actor {
    /// The stored type.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Service(_) => "service",
            Self::Operator(_) => "operator",
        }
    }

    /// The stored id.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) | Self::Operator(id) => id.into(),
            Self::Service(id) => id.into(),
        }
    }
}
