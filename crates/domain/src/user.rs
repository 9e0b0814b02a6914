//! People with access, and what they are.

mod account;

pub use account::{AccountChange, By, Effect, Invite, User};

use crate::access::Caller;
use crate::ids::UserId;

closed_names! {
    /// What a person is in the system.
    Role {
        /// School administration: exams, people, dispatch, release.
        Admin = "ADMIN",
        /// Corrects copies.
        Teacher = "TEACHER",
        /// Reads their own results.
        Student = "STUDENT",
    }
}

impl Role {
    /// Whether somebody who is this may see who wrote a copy.
    #[must_use]
    pub fn sees_identities(self) -> bool {
        match self {
            Self::Admin => true,
            Self::Teacher | Self::Student => false,
        }
    }
}

personal_text! {
    /// The name a person logs in with. Compared without case.
    Login, at most 128 characters;
    /// The name a person is shown by.
    DisplayName, at most 200 characters;
}

impl Login {
    /// The form that is stored and compared.
    #[must_use]
    pub fn normalized(&self) -> String {
        self.expose().to_lowercase()
    }
}

/// What an administrator changes of a person. What is absent stays as it is.
#[derive(Clone, Default)]
pub struct Change {
    /// What they are shown by.
    pub display_name: Option<DisplayName>,
    /// What they are.
    pub role: Option<Role>,
    /// Whether they are locked out.
    pub disabled: Option<bool>,
}

/// What nobody does to themselves: the system must keep somebody who can undo it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotYourself {
    /// Giving up being an administrator.
    Role,
    /// Locking themselves out.
    Disabled,
}

impl Change {
    /// Refuses what `caller` must not do to themselves.
    pub fn check(&self, caller: Caller, person: UserId) -> Result<(), NotYourself> {
        if caller.user != person {
            return Ok(());
        }
        if self.role.is_some_and(|role| role != caller.role) {
            return Err(NotYourself::Role);
        }
        if self.disabled == Some(true) {
            return Err(NotYourself::Disabled);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Through;
    use crate::ids::Ids;

    #[test]
    fn nobody_demotes_or_disables_themselves() {
        let ids = Ids::sequence();
        let (caller, other) = (
            Caller {
                user: ids.next(),
                role: Role::Admin,
                through: Through::Api,
            },
            ids.next(),
        );
        let change = |role, disabled| Change {
            role,
            disabled,
            ..Change::default()
        };
        for (change, to_themselves) in [
            (change(None, None), Ok(())),
            (change(Some(Role::Admin), Some(false)), Ok(())),
            (change(Some(Role::Teacher), None), Err(NotYourself::Role)),
            (change(None, Some(true)), Err(NotYourself::Disabled)),
        ] {
            assert_eq!(change.check(caller, caller.user), to_themselves);
            assert_eq!(change.check(caller, other), Ok(()));
        }
    }
}
