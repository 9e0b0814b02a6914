//! Secrets: values that open doors. No `Debug` shows them and comparisons go through their digests.

use rand::RngExt as _;

use crate::digest::Digest;

/// Tokens that open a door: their holder gets the text once; only the digest is stored.
macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name($crate::secret::Secret);

        impl $name {
            /// A new random token.
            #[must_use]
            pub fn random() -> Self {
                Self($crate::secret::random_token())
            }

            /// The text itself, for the answer to its holder.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// What is stored, looked up and compared.
            #[must_use]
            pub fn digest(&self) -> $crate::digest::Digest {
                self.0.digest()
            }
        }
    )*};
}

/// Text that opens a door: a password, a token as the caller sent it.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored and compared in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// There is nothing where a secret should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Self::WORDS)]
pub struct Empty;

impl Empty {
    /// What is said of it.
    pub const WORDS: &str = "must not be empty";
}

/// The secret that a setting gives: any text but none.
pub fn not_empty(text: &str) -> Result<Secret, Empty> {
    if text.is_empty() {
        Err(Empty)
    } else {
        Ok(Secret::new(text))
    }
}

/// 256 random bits as 64 hexadecimal digits.
#[must_use]
pub fn random_token() -> Secret {
    let bytes: [u8; 32] = rand::rng().random();
    Secret(Digest::from(bytes).to_string().into_boxed_str())
}
