//! Checking and hashing passwords, a bounded number at a time, so that a storm of logins cannot take every core.

use std::sync::Arc;
use std::time::Duration;

use contracts::Code;
use domain::password::NotHashed;
use domain::secret::Secret;
use domain::{NewPassword, PasswordHash};

use crate::error::Error;
use crate::turns::{Turn, Turns};

/// How long a login waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// For each that is checked, so many may wait: about as many as get their turn in that time.
const WAITING: usize = 16;

/// The pool.
#[derive(Clone)]
pub(crate) struct Passwords {
    slots: Turns,
    nobody: Arc<PasswordHash>,
}

impl Passwords {
    /// A pool that checks `slots` passwords at a time.
    pub(crate) fn new(slots: usize) -> Result<Self, NotHashed> {
        let nobody = PasswordHash::of_nobody()?;
        Ok(Self {
            slots: Turns::new(slots, slots.saturating_mul(WAITING), PATIENCE),
            nobody: Arc::new(nobody),
        })
    }

    /// Whether `password` is the one that was hashed. Without a hash the answer is no, just as slowly.
    pub(crate) async fn verify(&self, password: Secret, hash: Option<PasswordHash>) -> Result<bool, Error> {
        let slot = self.slot().await?;
        let nobody = Arc::clone(&self.nobody);
        let known = hash.is_some();
        let matches = telemetry::blocking(move || {
            // A caller that goes away does not stop the hashing, so the slot is held by the work itself.
            let _until_done = slot;
            hash.as_ref().unwrap_or(&nobody).matches(&password)
        });
        // It only fails when the process is ending.
        let matches = matches.await.map_err(|_ending| Code::Unavailable)?;
        Ok(matches && known)
    }

    /// Hashes a password that was just chosen.
    pub(crate) async fn hash(&self, password: NewPassword) -> Result<PasswordHash, Error> {
        let slot = self.slot().await?;
        let hashed = telemetry::blocking(move || {
            let _until_done = slot;
            PasswordHash::of(password.secret())
        });
        let hashed = hashed.await.map_err(|_ending| Code::Unavailable)?;
        Ok(hashed.map_err(|_parameters| Code::Internal)?)
    }

    async fn slot(&self) -> Result<Turn, Error> {
        Ok(self.slots.take().await.ok_or(Code::SlowDown)?)
    }
}
