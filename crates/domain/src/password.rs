//! Passwords, hashed with argon2id. Slow on purpose: call it where waiting is bounded.

mod choice;

pub use choice::{NewPassword, Weakness};

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use unicode_normalization::UnicodeNormalization as _;

use crate::secret::{Secret, random_token};

/// The stored form of a password.
#[derive(Debug, Clone)]
pub struct PasswordHash(Secret);

impl PasswordHash {
    /// Hashes `password` with a new salt (19 MiB, two passes).
    pub fn of(password: &Secret) -> Result<Self, NotHashed> {
        let hash: phc::PasswordHash = Argon2::default()
            .hash_password(composed(password.expose()).expose().as_bytes())
            .map_err(|_parameters| NotHashed)?;
        Ok(Self(Secret::new(&hash.to_string())))
    }

    /// The hash of a password that nobody has. Checking against it takes as long as checking a wrong
    /// password, so an answer says nothing about whether a login exists.
    pub fn of_nobody() -> Result<Self, NotHashed> {
        Self::of(&random_token())
    }

    /// A hash as it was stored.
    #[must_use]
    pub fn restore(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// The text to store.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether both are the same hash, with the same salt: whether the password was changed meanwhile.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.digest() == other.0.digest()
    }

    /// Whether `password` is the one that was hashed, in this form or as it was typed: versions of before hashed what was typed.
    /// A hash that cannot be read matches nothing.
    #[must_use]
    pub fn matches(&self, password: &Secret) -> bool {
        let Ok(stored) = phc::PasswordHash::new(self.0.expose()) else {
            return false;
        };
        let is = |text: &str| {
            Argon2::default()
                .verify_password(text.as_bytes(), &stored)
                .is_ok()
        };
        let (typed, composed) = (password.expose(), composed(password.expose()));
        is(composed.expose()) || composed.expose() != typed && is(typed)
    }
}

/// The password as it is hashed and judged. One keyboard sends `é` as one character, another as `e` and an accent; both are what
/// the person chose (RFC 8265).
fn composed(typed: &str) -> Secret {
    Secret::new(&typed.nfc().collect::<String>())
}

/// The password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct NotHashed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_matches_its_hash() {
        let hash = PasswordHash::of(&Secret::new("correct horse")).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.matches(&Secret::new("correct horse")));
        assert!(!hash.matches(&Secret::new("correct house")));
        assert!(!PasswordHash::restore("nonsense").matches(&Secret::new("nonsense")));
    }

    #[test]
    fn an_accent_is_the_same_in_whichever_form_a_keyboard_sends_it() {
        let (one, two) = (
            Secret::new("\u{e9}l\u{e9}phant"),
            Secret::new("e\u{301}le\u{301}phant"),
        );
        assert!(PasswordHash::of(&one).unwrap().matches(&two));
        assert!(PasswordHash::of(&two).unwrap().matches(&one));
        assert!(!PasswordHash::of(&one).unwrap().matches(&Secret::new("elephant")));
    }

    #[test]
    fn a_password_that_was_hashed_as_it_was_typed_still_opens() {
        let typed = "e\u{301}le\u{301}phant";
        let hash: phc::PasswordHash = Argon2::default().hash_password(typed.as_bytes()).unwrap();
        let hash = PasswordHash::restore(&hash.to_string());
        assert!(hash.matches(&Secret::new(typed)));
        assert!(!hash.matches(&Secret::new("elephant")));
    }
}
