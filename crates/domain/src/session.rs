//! Sessions: proof that a caller has logged in.

use crate::secret::Secret;

tokens! {
    /// The bearer token of a session.
    SessionToken;
}

impl SessionToken {
    /// A token as a caller sent it.
    #[must_use]
    pub fn from_caller(text: &str) -> Self {
        Self(Secret::new(text))
    }
}

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// Without a request for this long, the session ends.
    pub idle: chrono::TimeDelta,
    /// It ends this long after the login in any case.
    pub absolute: chrono::TimeDelta,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self {
            idle: chrono::TimeDelta::hours(2),
            absolute: chrono::TimeDelta::hours(12),
        }
    }
}
