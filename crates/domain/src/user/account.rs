//! Accounts: how they change, what ends with a change, and the event that it leaves.

use chrono::TimeDelta;

use crate::audit::{Actor, AddedHow, EraseCause, Event, Metadata, PasswordHow};
use crate::digest::Digest;
use crate::ids::{OperationId, UserId};
use crate::password::PasswordHash;
use crate::user::{Change, DisplayName, Login, Role};

/// A person with access.
#[derive(Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they log in with.
    pub login: Login,
    /// What they are shown by.
    pub display_name: DisplayName,
    /// What they are.
    pub role: Role,
    /// Their password's argon2id hash in PHC format, if they have chosen one.
    pub password_hash: Option<PasswordHash>,
    /// Whether their password is one that somebody else knows.
    pub must_change_password: bool,
    /// Whether they are locked out.
    pub disabled: bool,
}

/// An invitation to choose a password. Only the digest of its token is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invite {
    /// The digest of the token.
    pub token: Digest,
    /// For how long it is good.
    pub lifetime: TimeDelta,
}

/// By whom an account is changed, and as part of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// By whom.
    pub actor: Actor,
    /// As part of what.
    pub operation: OperationId,
}

/// A change of a person's account with the event it leaves. Only this crate makes one, only the store records one.
#[must_use = "a change that is not recorded did not happen"]
pub struct AccountChange {
    id: UserId,
    effect: Effect,
    ends: Ends,
    by: By,
}

/// What becomes of the account.
pub enum Effect {
    /// There is one.
    Added {
        /// Whose.
        user: User,
        /// The invitation that they get.
        invite: Option<Invite>,
    },
    /// The person got another name or role, was locked out or let in again.
    Changed {
        /// The person as they are from now on.
        after: User,
        /// Whether they are shown by another name.
        renamed: bool,
    },
    /// It stays; the person is invited. That ends the invitation that they had.
    Invited(Invite),
    /// It has another password.
    Password {
        /// The hash of the password.
        hash: PasswordHash,
        /// Whether somebody else knows it.
        must_change: bool,
        /// How that came about.
        how: PasswordHow,
    },
    /// Nobody knows any more whose it was.
    Erased(EraseCause),
}

/// What opens doors to a person and ends with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    invitation: bool,
    sessions: bool,
}

impl Ends {
    const NOTHING: Self = Self {
        invitation: false,
        sessions: false,
    };
    const EVERYTHING: Self = Self {
        invitation: true,
        sessions: true,
    };
}

impl User {
    /// Whether they may do what administrators do.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Admin && !self.disabled
    }

    /// There is an account of this person. Who is not invited has a password.
    pub fn add(self, invite: Option<Invite>, by: By) -> AccountChange {
        AccountChange {
            id: self.id,
            effect: Effect::Added { user: self, invite },
            ends: Ends::NOTHING,
            by,
        }
    }

    /// The person changes. Whoever is locked out is logged out everywhere. An invitation from the time when it opened
    /// nothing must not open anything afterwards.
    pub fn change(self, change: Change, by: By) -> AccountChange {
        let renamed = change
            .display_name
            .as_ref()
            .is_some_and(|name| name.expose() != self.display_name.expose());
        let after = Self {
            display_name: change.display_name.unwrap_or(self.display_name),
            role: change.role.unwrap_or(self.role),
            disabled: change.disabled.unwrap_or(self.disabled),
            ..self
        };
        let ends = Ends {
            invitation: self.disabled || after.disabled,
            sessions: after.disabled,
        };
        AccountChange {
            id: after.id,
            effect: Effect::Changed { after, renamed },
            ends,
            by,
        }
    }
}

impl AccountChange {
    /// The person is invited to choose a password. Until they do, the one that they have stays.
    pub fn invite(id: UserId, invite: Invite, by: By) -> Self {
        Self {
            id,
            effect: Effect::Invited(invite),
            ends: Ends::NOTHING,
            by,
        }
    }

    /// The person has this password, which they chose themselves. What the one before has opened ends.
    pub fn choose_password(id: UserId, hash: PasswordHash, how: PasswordHow, by: By) -> Self {
        Self::password(id, (hash, false), how, by)
    }

    /// The person has this password, which an operator chose. What the one before has opened ends.
    pub fn give_password(id: UserId, hash: PasswordHash, must_change: bool, by: By) -> Self {
        Self::password(id, (hash, must_change), PasswordHow::Operator, by)
    }

    fn password(id: UserId, (hash, must_change): (PasswordHash, bool), how: PasswordHow, by: By) -> Self {
        Self {
            id,
            effect: Effect::Password {
                hash,
                must_change,
                how,
            },
            ends: Ends::EVERYTHING,
            by,
        }
    }

    /// Who the person is, is forgotten.
    pub fn erase(id: UserId, cause: EraseCause, by: By) -> Self {
        Self {
            id,
            effect: Effect::Erased(cause),
            ends: Ends::EVERYTHING,
            by,
        }
    }

    /// Whose account it is.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.id
    }

    /// What becomes of it.
    #[must_use]
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Whether the invitation that the person had ends.
    #[must_use]
    pub fn ends_invitation(&self) -> bool {
        self.ends.invitation
    }

    /// Whether the person's sessions end.
    #[must_use]
    pub fn ends_sessions(&self) -> bool {
        self.ends.sessions
    }

    /// The event, once it is known how many sessions ended.
    #[must_use]
    pub fn event(&self, sessions_ended: u64) -> Event {
        let metadata = match &self.effect {
            Effect::Added { user, invite } => Metadata::AddUser {
                role: user.role,
                how: match invite {
                    Some(_) => AddedHow::Invited,
                    None => AddedHow::Password,
                },
            },
            Effect::Changed { after, renamed } => Metadata::ChangeUser {
                role: after.role,
                disabled: after.disabled,
                renamed: *renamed,
                sessions_ended,
            },
            Effect::Invited(_) => Metadata::InviteUser {},
            Effect::Password { how, .. } => Metadata::SetPassword {
                how: *how,
                sessions_ended,
            },
            Effect::Erased(cause) => Metadata::EraseUser { cause: *cause },
        };
        Event {
            subject: self.id.into(),
            actor: self.by.actor,
            operation: self.by.operation,
            metadata,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Action;
    use crate::ids::Ids;
    use serde_json::json;

    const NAME: &str = "Camille Exemple";

    fn by(ids: &Ids) -> By {
        By {
            actor: Actor::Operator(ids.next()),
            operation: ids.next(),
        }
    }

    fn person(ids: &Ids, disabled: bool) -> User {
        User {
            id: ids.next(),
            login: Login::new("camille@school.example").unwrap(),
            display_name: DisplayName::new(NAME).unwrap(),
            role: Role::Teacher,
            password_hash: None,
            must_change_password: false,
            disabled,
        }
    }

    fn invite() -> Invite {
        Invite {
            token: Digest::of(b"a token"),
            lifetime: TimeDelta::days(7),
        }
    }

    #[test]
    fn an_event_says_what_somebody_is_and_never_who() {
        let ids = Ids::sequence();
        let hash = PasswordHash::restore("$argon2id$of$nobody");
        let change = Change {
            display_name: DisplayName::new("Dominique Exemple"),
            role: Some(Role::Admin),
            disabled: None,
        };
        let id = ids.next();
        for (change, action, said) in [
            (
                person(&ids, false).add(Some(invite()), by(&ids)),
                Action::AddUser,
                json!({ "role": "TEACHER", "how": "invited" }),
            ),
            (
                person(&ids, false).add(None, by(&ids)),
                Action::AddUser,
                json!({ "role": "TEACHER", "how": "password" }),
            ),
            (
                person(&ids, false).change(change, by(&ids)),
                Action::ChangeUser,
                json!({ "role": "ADMIN", "disabled": false, "renamed": true, "sessions_ended": 2 }),
            ),
            (
                AccountChange::invite(id, invite(), by(&ids)),
                Action::InviteUser,
                json!({}),
            ),
            (
                AccountChange::choose_password(id, hash.clone(), PasswordHow::Own, by(&ids)),
                Action::SetPassword,
                json!({ "how": "own", "sessions_ended": 2 }),
            ),
            (
                AccountChange::give_password(id, hash, true, by(&ids)),
                Action::SetPassword,
                json!({ "how": "operator", "sessions_ended": 2 }),
            ),
            (
                AccountChange::erase(id, EraseCause::Pupil, by(&ids)),
                Action::EraseUser,
                json!({ "cause": "pupil" }),
            ),
        ] {
            let event = change.event(2);
            assert_eq!(event.subject, change.id().into());
            assert_eq!(event.action(), action);
            assert!(action.happens_to_people());
            assert_eq!(serde_json::to_value(&event.metadata).unwrap(), said);
        }
    }

    #[test]
    fn who_is_locked_out_loses_sessions_and_invitation_and_who_is_let_in_again_only_the_old_invitation() {
        let ids = Ids::sequence();
        for (before, wanted, ends) in [
            (false, None, (false, false)),
            (false, Some(true), (true, true)),
            (true, None, (true, true)),
            (true, Some(false), (true, false)),
        ] {
            let change = Change {
                disabled: wanted,
                ..Change::default()
            };
            let change = person(&ids, before).change(change, by(&ids));
            assert_eq!(
                (change.ends_invitation(), change.ends_sessions()),
                ends,
                "{before} {wanted:?}"
            );
        }
    }

    #[test]
    fn a_name_that_stays_is_no_other_name() {
        let ids = Ids::sequence();
        let change = Change {
            display_name: DisplayName::new(NAME),
            ..Change::default()
        };
        let event = person(&ids, false).change(change, by(&ids)).event(0);
        assert!(matches!(
            event.metadata,
            Metadata::ChangeUser { renamed: false, .. }
        ));
    }
}
