//! Parsing wire values: wrong fields are named, and none of their values is.

use std::borrow::Cow;

use crate::code::Code;
use crate::problem::{FieldCode, FieldProblem, Problem};

/// Collects what is wrong with the fields of one request.
#[derive(Debug, Default)]
pub struct Fields {
    errors: Vec<FieldProblem>,
}

impl Fields {
    /// How many wrong fields are named. A problem travels in the headers of an answer, which have little room.
    pub const MOST: usize = 40;

    /// Notes that the field at `pointer` is wrong in the way of `code`.
    pub fn note(&mut self, pointer: impl Into<Cow<'static, str>>, code: FieldCode) {
        if self.errors.len() < Self::MOST {
            self.errors.push(FieldProblem {
                pointer: pointer.into(),
                code: code.as_str().into(),
            });
        }
    }

    /// Passes `value` on; if there is none, notes that the field at `pointer` is wrong in the way of `code`.
    pub fn check<T>(&mut self, pointer: &'static str, value: Option<T>, code: FieldCode) -> Option<T> {
        if value.is_none() {
            self.note(pointer, code);
        }
        value
    }

    /// Passes the parsed form of `text` on, or notes that it is missing or malformed.
    pub fn parse<T: std::str::FromStr>(&mut self, pointer: &'static str, text: &str) -> Option<T> {
        let code = if text.is_empty() {
            FieldCode::Required
        } else {
            FieldCode::Malformed
        };
        self.check(pointer, text.parse().ok(), code)
    }

    /// The same for text that may be empty: `Some(None)` if it is.
    pub fn parse_given<T: std::str::FromStr>(
        &mut self,
        pointer: &'static str,
        text: &str,
    ) -> Option<Option<T>> {
        if text.is_empty() {
            Some(None)
        } else {
            self.parse(pointer, text).map(Some)
        }
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn all_right(&self) -> bool {
        self.errors.is_empty()
    }

    /// The problem that names everything noted.
    #[must_use]
    pub fn problem(self) -> Problem {
        Problem {
            errors: self.errors,
            ..Problem::of(Code::Invalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let mut fields = Fields::default();
        assert_eq!(fields.parse::<u8>("/a", "7"), Some(7));
        assert!(fields.all_right());
        assert_eq!(fields.parse::<u8>("/b", "seven"), None);
        assert_eq!(fields.parse::<u8>("/c", ""), None);
        let found: Vec<_> = fields
            .problem()
            .errors
            .into_iter()
            .map(|error| (error.pointer, error.code))
            .collect();
        assert_eq!(
            found,
            [
                ("/b".into(), "malformed".into()),
                ("/c".into(), "required".into())
            ]
        );
    }

    #[test]
    fn only_so_many_wrong_fields_are_named() {
        let mut fields = Fields::default();
        for _wrong in 0..1_000 {
            fields.note("/a", FieldCode::Malformed);
        }
        assert_eq!(fields.problem().errors.len(), Fields::MOST);
    }
}
