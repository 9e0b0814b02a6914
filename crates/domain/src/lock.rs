//! Locks: who corrects a copy at the moment.
//!
//! A lock is a lease. It ends by itself unless its owner gives signs of life, it can be taken over the moment it has
//! ended, and its fence only ever grows: a write under an older fence comes too late.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::digest::Digest;
use crate::ids::UserId;
use crate::secret::Secret;

/// Who has a copy, and until when that is believed without a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Who.
    pub owner: UserId,
    /// The digest of the token that proves it.
    pub token: Digest,
    /// Counts the locks of the copy.
    pub fence: i64,
    /// By how much a sign of life extends it.
    pub ttl: Ttl,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Lock {
    /// Whether it has ended by itself.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// The lock after a sign of life.
    #[must_use]
    pub fn extended(self, now: Timestamp) -> Self {
        Self {
            expires_at: now + self.ttl.time(),
            ..self
        }
    }
}

tokens! {
    /// The token of a lock.
    LockToken;
}

impl LockToken {
    /// A token as a caller sent it; `None` if they sent none.
    #[must_use]
    pub fn from_caller(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Secret::new(text)))
    }
}

/// How long a lock holds without a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ttl(u16);

impl Ttl {
    /// Without a wish: ten minutes.
    pub const USUAL: Self = Self(600);

    /// `None` outside one minute to one hour.
    #[must_use]
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        u16::try_from(seconds)
            .ok()
            .filter(|seconds| (60..=3600).contains(seconds))
            .map(Self)
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(self) -> u16 {
        self.0
    }

    /// As a length of time.
    #[must_use]
    pub fn time(self) -> TimeDelta {
        TimeDelta::seconds(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_may_last_from_a_minute_to_an_hour() {
        let taken = [59, 60, 3600, 3601, u32::MAX].map(|seconds| Ttl::from_seconds(seconds).is_some());
        assert_eq!(taken, [false, true, true, false, false]);
    }

    #[test]
    fn no_token_is_not_a_token() {
        assert!(LockToken::from_caller("").is_none());
        let token = LockToken::random();
        let sent = LockToken::from_caller(token.expose()).unwrap();
        assert_eq!(sent.digest(), token.digest());
    }
}
