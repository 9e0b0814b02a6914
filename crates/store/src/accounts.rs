//! How accounts of people change: row, invitation, sessions and event together, or nothing.

use domain::user::{AccountChange, Effect};
use domain::{Timestamp, UserId};

use crate::columns::Table;
use crate::error::Error;
use crate::events::Entry;
use crate::tx::Tx;

/// What became of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the audit log and the metrics have to be told"]
pub struct ChangedAccount {
    /// Whose account it is.
    pub id: UserId,
    /// The event.
    pub entry: Entry,
    /// How many sessions ended.
    pub sessions: usize,
    /// Until when the invitation is good that they got.
    pub invited_until: Option<Timestamp>,
}

const SESSIONS: Table = Table("sessions");

impl Tx<'_> {
    /// Stores a change of a person's account with the event it leaves.
    /// [`Constraint::DuplicateLogin`](crate::Constraint) if somebody who is added has the login of another,
    /// [`Error::Stale`] if there is no such person.
    pub fn change_account(&mut self, change: &AccountChange) -> Result<ChangedAccount, Error> {
        let id = change.id();
        let mut invite = None;
        match change.effect() {
            Effect::Added { user, invite: theirs } => {
                self.users().insert(user)?;
                invite = *theirs;
            }
            Effect::Changed { after, .. } => self.users().update(after)?,
            Effect::Invited(another) => invite = Some(*another),
            Effect::Password {
                hash, must_change, ..
            } => self.users().set_password(id, hash, *must_change)?,
            Effect::Erased(_) => self.users().forget(id)?,
        }
        if change.ends_invitation() {
            self.invitations().delete_of(id)?;
        }
        let sessions = if change.ends_sessions() {
            self.sessions().delete_of(id)?
        } else {
            0
        };
        let invited_until = invite
            .map(|invite| self.invitations().replace(id, invite))
            .transpose()?;
        let ended = u64::try_from(sessions).map_err(|_too_many| SESSIONS.corrupt())?;
        let entry = self.append(&change.event(ended))?;
        Ok(ChangedAccount {
            id,
            entry,
            sessions,
            invited_until,
        })
    }
}
