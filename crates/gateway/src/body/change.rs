//! Fields of a change. What is absent stays as it is, which is not the same as null.

use contracts::{FieldCode, Problem};
use serde::{Deserialize, Deserializer};

/// A field that may be changed or taken away.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// It is not there: nothing changes.
    #[default]
    Absent,
    /// It is null: what is there is taken away.
    Cleared,
    /// What it becomes.
    To(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    /// Never [`Change::Absent`]: that is the default of a field.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Cleared, Self::To))
    }
}

impl<T> Change<T> {
    /// What the wire calls the change, if there is one: to nothing, or to what it becomes.
    pub(crate) fn into_change<C>(self, to: impl FnOnce(Option<T>) -> C) -> Option<C> {
        match self {
            Self::Absent => None,
            Self::Cleared => Some(to(None)),
            Self::To(value) => Some(to(Some(value))),
        }
    }
}

impl<T: Into<String>> Change<T> {
    /// As the wire has it: absent, empty, or the text.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Cleared => Some(String::new()),
            Self::To(text) => Some(text.into()),
        }
    }

    /// The same where something must be said: a field that is absent is missing.
    pub(crate) fn into_required_text(self, pointer: &'static str) -> Result<String, Problem> {
        self.into_text()
            .ok_or_else(|| Problem::field(pointer, FieldCode::Required))
    }
}

/// Reads a field that may be absent, but not null.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        text: Change<String>,
        #[serde(default, deserialize_with = "given")]
        number: Option<u8>,
    }

    fn read(json: &str) -> Option<(Change<String>, Option<u8>)> {
        let shape: Result<Shape, _> = serde_json::from_str(json);
        shape.ok().map(|shape| (shape.text, shape.number))
    }

    #[test]
    fn absent_is_not_null() {
        assert_eq!(read("{}"), Some((Change::Absent, None)));
        assert_eq!(
            read("{\"text\": null, \"number\": 7}"),
            Some((Change::Cleared, Some(7)))
        );
        assert_eq!(
            read("{\"text\": \"a\"}"),
            Some((Change::To("a".to_owned()), None))
        );
        assert_eq!(read("{\"number\": null}"), None);
    }
}
