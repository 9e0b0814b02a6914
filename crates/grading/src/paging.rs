//! Which part of a list is asked for.

use std::fmt::Display;
use std::str::FromStr;

use contracts::{FieldCode, Fields, Problem};

/// The largest part.
const MAX: u16 = 100;

/// What comes after a key, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging<Key> {
    pub(crate) after: Option<Key>,
    pub(crate) limit: u16,
}

impl<Key: FromStr> Paging<Key> {
    /// What comes after `cursor`, or the beginning of the list.
    pub(crate) fn parse(cursor: &str, limit: u32) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let after = match cursor {
            "" => Some(None),
            cursor => fields.parse("/cursor", cursor).map(Some),
        };
        let limit = u16::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX).contains(limit));
        let limit = fields.check("/limit", limit, FieldCode::OutOfRange);
        match (after, limit) {
            (Some(after), Some(limit)) => Ok(Self { after, limit }),
            _ => Err(fields.problem()),
        }
    }
}

/// Where the next part begins, on the wire.
pub(crate) fn cursor<Key: Display>(next: Option<Key>) -> String {
    next.map(|key| key.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(
            Paging::parse("7", 100),
            Ok(Paging {
                after: Some(7),
                limit: 100
            })
        );
        assert_eq!(
            Paging::<i64>::parse("", 1),
            Ok(Paging {
                after: None,
                limit: 1
            })
        );
        for (cursor, limit) in [("x", 2), ("", 0), ("", 101)] {
            assert!(Paging::<i64>::parse(cursor, limit).is_err(), "{cursor} {limit}");
        }
    }
}
