//! What correctors call a copy.

use uuid::Uuid;

use crate::ids::CopyId;

/// Eight characters that name a copy without saying whose it is, as in `7K3M-Q9TD`. Unique in an exam.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnonymousId(Box<str>);

/// No `0 O 1 I L U`: they are misread on paper.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;

impl AnonymousId {
    /// The name for a new copy, from the random part of its id.
    #[must_use]
    pub fn of(copy: CopyId) -> Self {
        let (_, mut random) = Uuid::from(copy).as_u64_pair();
        let mut text = String::with_capacity(LENGTH + 1);
        for position in 0..LENGTH {
            if position == LENGTH / 2 {
                text.push('-');
            }
            let symbol = usize::try_from(random % 30)
                .ok()
                .and_then(|index| ALPHABET.get(index));
            text.push(symbol.copied().map_or('2', char::from));
            random /= 30;
        }
        Self(text.into())
    }

    /// A name as it was stored.
    #[must_use]
    pub fn restore(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_two_groups_of_four_plain_characters() {
        let name = AnonymousId::of(Uuid::from_u64_pair(0, u64::MAX).into());
        assert_eq!(name.as_str().len(), 9);
        assert!(
            name.as_str()
                .bytes()
                .all(|byte| byte == b'-' || ALPHABET.contains(&byte))
        );
    }
}
