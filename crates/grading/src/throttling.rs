//! Throttling of guesses: asked before a password is checked, told after it was wrong.

use chrono::TimeDelta;
use domain::Login;
use domain::secret::Secret;
use domain::throttle::{ClientAddress, Key, Limits, Scope};
use store::Tx;

use crate::app::App;
use crate::error::Error;

/// How much is taken of whom, and the secret in the keys.
#[derive(Clone)]
pub(crate) struct Throttling {
    pub(crate) account: Limits,
    pub(crate) address: Limits,
    pub(crate) pepper: Secret,
}

impl Throttling {
    /// The longest window, after which every counter is without consequence.
    pub(crate) fn longest_window(&self) -> TimeDelta {
        self.account.window.max(self.address.window)
    }

    /// Whoever guesses the password of this login.
    pub(crate) fn of_login(&self, login: &Login) -> Guesser {
        Guesser(vec![(Key::of_login(login, &self.pepper), self.account)])
    }

    /// Whoever guesses from this address.
    pub(crate) fn of_address(&self, address: ClientAddress) -> Guesser {
        Guesser(vec![(Key::of_address(address, &self.pepper), self.address)])
    }
}

/// Somebody who presents a password or a token, by the keys that their failures are counted under: the one
/// of the account comes before the one of the address.
#[derive(Clone)]
pub(crate) struct Guesser(Vec<(Key, Limits)>);

/// Why a guess is not even looked at.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("too many failures")]
pub(crate) struct Blocked {
    /// What the failures were counted of.
    pub(crate) scope: Scope,
    /// For how long.
    pub(crate) wait: TimeDelta,
}

impl Guesser {
    /// Who is counted under the keys of both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Refuses a guess that comes too early.
    pub(crate) fn admit(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for (key, _limits) in &self.0 {
            let Some(counter) = tx.throttles().get(key)? else {
                continue;
            };
            if let Some(wait) = counter.blocked_for(tx.now()?) {
                let scope = key.scope;
                return Err(Blocked { scope, wait }.into());
            }
        }
        Ok(())
    }

    /// Counts a failure, in a transaction of its own: the refusal that it follows has none. Of guesses that were made
    /// at once, those beyond the limit are told what a right one would be told then: that they came too early.
    pub(crate) async fn failed(self, app: &App) -> Result<(), Error> {
        let early = app
            .database
            .transaction("count_failure", move |tx| {
                let mut early = None;
                for (key, limits) in &self.0 {
                    let before = tx.throttles().lock(key)?;
                    let (now, scope) = (tx.now()?, key.scope);
                    early = early.or(before.blocked_for(now).map(|wait| Blocked { scope, wait }));
                    tx.throttles().fail(key, *limits, now)?;
                }
                Ok::<_, Error>(early)
            })
            .await?;
        early.map_or(Ok(()), |blocked| Err(blocked.into()))
    }

    /// Forgets the failures of the account. Those of the address stay: one success must not pay for
    /// guessing at others.
    pub(crate) fn succeeded(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for (key, _limits) in &self.0 {
            match key.scope {
                Scope::Account => tx.throttles().clear(key)?,
                Scope::Address => {}
            }
        }
        Ok(())
    }
}
