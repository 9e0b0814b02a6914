//! Sessions: proof that a caller has logged in.

use crate::digest::Digest;
use crate::secret::{Secret, random_token};

/// The bearer token of a session. Its holder gets the text once; only the digest is stored.
#[derive(Debug, Clone)]
pub struct SessionToken(Secret);

impl SessionToken {
    /// A new random token.
    #[must_use]
    pub fn random() -> Self {
        Self(random_token())
    }

    /// A token as a caller sent it.
    #[must_use]
    pub fn from_caller(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text itself, for the answer to its holder.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest()
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
