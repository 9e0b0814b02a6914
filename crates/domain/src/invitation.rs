//! Invitations: with one, a person chooses their password without having one.

use crate::secret::Secret;

tokens! {
    /// The token of an invitation.
    InvitationToken;
}

impl InvitationToken {
    /// A token as a caller sent it.
    #[must_use]
    pub fn from_caller(text: &str) -> Self {
        Self(Secret::new(text))
    }
}
