//! Invitations: with one, a person chooses their password without having one.

use crate::digest::Digest;
use crate::secret::{Secret, random_token};

/// The token of an invitation. Its holder gets the text once; only the digest is stored.
#[derive(Debug, Clone)]
pub struct InvitationToken(Secret);

impl InvitationToken {
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

    /// The text itself, for the answer to whoever hands it over.
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
