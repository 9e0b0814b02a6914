//! Whose trail it is.

use crate::ids::{CopyId, TrailId, UserId};

/// To whom something happened: a copy or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A copy.
    Copy(CopyId),
    /// A person with access.
    User(UserId),
}

impl Subject {
    /// Their trail.
    #[must_use]
    pub fn trail(self) -> TrailId {
        match self {
            Self::Copy(copy) => copy.into(),
            Self::User(user) => user.into(),
        }
    }

    /// The copy, if it is one.
    #[must_use]
    pub fn copy(self) -> Option<CopyId> {
        match self {
            Self::Copy(copy) => Some(copy),
            Self::User(_) => None,
        }
    }

    /// The person, if it is one.
    #[must_use]
    pub fn user(self) -> Option<UserId> {
        match self {
            Self::Copy(_) => None,
            Self::User(user) => Some(user),
        }
    }
}

impl From<CopyId> for Subject {
    fn from(copy: CopyId) -> Self {
        Self::Copy(copy)
    }
}

impl From<UserId> for Subject {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl From<CopyId> for TrailId {
    fn from(copy: CopyId) -> Self {
        uuid::Uuid::from(copy).into()
    }
}

impl From<UserId> for TrailId {
    fn from(user: UserId) -> Self {
        uuid::Uuid::from(user).into()
    }
}
