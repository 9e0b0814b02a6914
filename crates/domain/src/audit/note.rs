//! Signed notes as C2SP defines them (`c2sp.org/signed-note`): a text, an empty line, and a line with the name of a
//! key and an Ed25519 signature. Tools of others read them too.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _};
use rand::RngExt as _;

use crate::digest::Digest;

/// The kind of key that the format calls Ed25519.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";
/// What a line with a signature begins with.
const SIGNATURE: &str = "\u{2014} ";

/// The name of a key, which is also the origin of what it signs: up to 64 letters, digits, dots, hyphens,
/// underscores and slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(Box<str>);

impl KeyName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for KeyName {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(NoteError::Key)
        }
    }
}

/// Why something is no note, or not a note of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It does not have the form of a note.
    #[error("it is not a signed note")]
    Form,
    /// It is signed with another key, or was altered since.
    #[error("the signature does not fit")]
    Signature,
    /// The key does not have the form of a key.
    #[error("it is not a key")]
    Key,
}

/// A key that signs.
pub struct SigningKey {
    name: KeyName,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// A new key of this name.
    #[must_use]
    pub fn random(name: KeyName) -> Self {
        let seed: [u8; 32] = rand::rng().random();
        Self {
            name,
            key: ed25519_dalek::SigningKey::from_bytes(&seed),
        }
    }

    /// From what [`SigningKey::expose`] gave.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let text = text.trim_end().strip_prefix(PRIVATE).ok_or(NoteError::Key)?;
        let (name, id, seed) = key_parts(text)?;
        let key = Self {
            name,
            key: ed25519_dalek::SigningKey::from_bytes(&seed),
        };
        if id == hex(key.public().id()) {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }

    /// The key itself, for its file.
    #[must_use]
    pub fn expose(&self) -> String {
        let id = hex(self.public().id());
        format!(
            "{PRIVATE}{}+{id}+{}",
            self.name.as_str(),
            tagged(self.key.as_bytes())
        )
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }

    /// The note with this text, which ends with its last line.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let signed: Vec<u8> = self.public().id().into_iter().chain(signature).collect();
        format!(
            "{text}\n{SIGNATURE}{} {}\n",
            self.name.as_str(),
            BASE64.encode(signed)
        )
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.name.as_str())
    }
}

/// A key that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: KeyName,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The text of a note that this key's holder signed.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, NoteError> {
        let end = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, signature) = note.split_at_checked(end + 1).ok_or(NoteError::Form)?;
        let line = signature
            .strip_prefix('\n')
            .and_then(|rest| rest.strip_prefix(SIGNATURE))
            .and_then(|rest| rest.strip_suffix('\n'))
            .ok_or(NoteError::Form)?;
        let (name, signed) = line.split_once(' ').ok_or(NoteError::Form)?;
        let signed = BASE64.decode(signed).map_err(|_not_base64| NoteError::Form)?;
        let (id, signature) = signed.split_first_chunk::<4>().ok_or(NoteError::Form)?;
        let signature = Signature::from_slice(signature).map_err(|_wrong_length| NoteError::Form)?;
        if name != self.name.as_str() || *id != self.id() {
            return Err(NoteError::Signature);
        }
        self.key
            .verify_strict(text.as_bytes(), &signature)
            .map(|()| text)
            .map_err(|_does_not_fit| NoteError::Signature)
    }

    fn id(&self) -> [u8; 4] {
        let name = self.name.as_str().as_bytes();
        let named = [name, &[b'\n', ED25519], self.key.as_bytes()].concat();
        let [first, second, third, fourth, ..] = *Digest::of(&named).as_bytes();
        [first, second, third, fourth]
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = (self.name.as_str(), hex(self.id()));
        write!(f, "{name}+{id}+{}", tagged(self.key.as_bytes()))
    }
}

impl std::str::FromStr for VerifyingKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = key_parts(text.trim_end())?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_no_point| NoteError::Key)?;
        let key = Self { name, key };
        if id == hex(key.id()) {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }
}

/// Name, id and key of `<name>+<id>+<key>`.
fn key_parts(text: &str) -> Result<(KeyName, &str, [u8; 32]), NoteError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoteError::Key);
    };
    let bytes = BASE64.decode(key).map_err(|_not_base64| NoteError::Key)?;
    match bytes.split_first() {
        Some((&ED25519, key)) => {
            let key = key.try_into().map_err(|_wrong_length| NoteError::Key)?;
            Ok((name.parse()?, id, key))
        }
        Some(_) | None => Err(NoteError::Key),
    }
}

fn tagged(key: &[u8; 32]) -> String {
    BASE64.encode([&[ED25519], key.as_slice()].concat())
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the format's best known implementation, and a note that it signed with them.
    const KNOWN_PRIVATE: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const KNOWN_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const KNOWN_TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const KNOWN_SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn notes_and_keys_are_those_of_the_known_implementation() {
        let key = SigningKey::parse(KNOWN_PRIVATE).unwrap();
        assert_eq!(key.public().to_string(), KNOWN_PUBLIC);
        assert_eq!(key.expose(), KNOWN_PRIVATE);
        let note = key.sign(KNOWN_TEXT);
        assert_eq!(note, format!("{KNOWN_TEXT}\n{KNOWN_SIGNATURE}"));
        let public: VerifyingKey = KNOWN_PUBLIC.parse().unwrap();
        assert_eq!(public.open(&note), Ok(KNOWN_TEXT));
    }

    #[test]
    fn a_note_with_any_bit_flipped_is_refused_and_so_is_one_of_another_key() {
        let key = SigningKey::random("school.example/korrigo".parse().unwrap());
        let note = key.sign("school.example/korrigo\n7\nroot\n");
        for bit in 0..note.len() * 8 {
            let mut bytes = note.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(key.public().open(&text).is_err(), "{text}");
            }
        }
        let other = SigningKey::random(key.name);
        assert_eq!(other.public().open(&note), Err(NoteError::Signature));
    }

    #[test]
    fn a_key_reads_back_hides_itself_and_is_not_taken_with_a_letter_changed() {
        let key = SigningKey::random("korrigo".parse().unwrap());
        let text = key.expose();
        assert_eq!(
            SigningKey::parse(&format!("{text}\n")).map(|key| key.public()),
            Ok(key.public())
        );
        // It may have a plus in itself.
        let secret = text.splitn(5, '+').last().unwrap();
        assert_eq!(secret.len(), tagged(&[0; 32]).len());
        assert!(!format!("{key:?}").contains(secret));
        for wrong in [
            "",
            "korrigo",
            "korrigo+00000000+AA==",
            &text.replace("korrigo", "Korrigo"),
        ] {
            assert_eq!(SigningKey::parse(wrong).err(), Some(NoteError::Key), "{wrong}");
        }
        for name in ["", "a b", "a+b", "é", &"a".repeat(65)] {
            assert_eq!(name.parse::<KeyName>(), Err(NoteError::Key), "{name}");
        }
    }
}
