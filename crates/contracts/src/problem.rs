//! What went wrong with a call, as codes and places: never a value, never a cause.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::SecondsFormat;
use domain::Refusal;
use domain::password::Weakness;
use domain::user::NotYourself;

use crate::code::Code;

/// A refusal or failure that a caller may be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", code.as_str())]
pub struct Problem {
    /// What it is.
    pub code: Code,
    /// Which fields are wrong, for [`Code::Invalid`].
    pub errors: Vec<FieldProblem>,
    /// Numbers and times that help the caller, such as `expires_at`.
    pub extra: BTreeMap<Cow<'static, str>, String>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// A JSON pointer into the request.
    pub pointer: Cow<'static, str>,
    /// What is wrong, as a [`FieldCode`]'s text.
    pub code: Cow<'static, str>,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldCode {
    /// It is not there.
    Required,
    /// It does not have the documented form.
    Malformed,
    /// It is outside its bounds.
    OutOfRange,
    /// It names something that does not exist, or not in the role that is needed.
    UnknownReference,
    /// It has more characters or parts than there may be.
    TooLong,
    /// A number of points is below zero.
    Negative,
    /// A number of points is more than the question can bring.
    AboveMax,
    /// A number of points is not a multiple of a quarter.
    NotAQuarter,
    /// It occurs twice.
    Doubled,
    /// It has too few characters.
    TooShort,
    /// It is one character, again and again.
    OneCharacter,
    /// It is the person's own login or name.
    TooPersonal,
    /// It is one of the first that somebody would try.
    TooCommon,
    /// It is what it was before.
    Unchanged,
    /// Somebody else has it.
    Taken,
    /// Nobody does this to themselves.
    Yourself,
}

impl FieldCode {
    /// The code as callers see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Malformed => "malformed",
            Self::OutOfRange => "out_of_range",
            Self::UnknownReference => "unknown_reference",
            Self::TooLong => "too_long",
            Self::Negative => "negative",
            Self::AboveMax => "above_max",
            Self::NotAQuarter => "not_a_quarter",
            Self::Doubled => "doubled",
            Self::TooShort => "too_short",
            Self::OneCharacter => "one_character",
            Self::TooPersonal => "too_personal",
            Self::TooCommon => "too_common",
            Self::Unchanged => "unchanged",
            Self::Taken => "taken",
            Self::Yourself => "yourself",
        }
    }
}

impl Problem {
    /// A problem that its code says all about.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self {
            code,
            errors: Vec::new(),
            extra: BTreeMap::new(),
        }
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(pointer: &'static str, code: FieldCode) -> Self {
        let error = FieldProblem {
            pointer: pointer.into(),
            code: code.as_str().into(),
        };
        Self {
            errors: vec![error],
            ..Self::of(Code::Invalid)
        }
    }

    /// The same problem with one more detail for the caller.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.extra.insert(name.into(), value);
        self
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::of(code)
    }
}

impl From<Weakness> for FieldCode {
    fn from(weakness: Weakness) -> Self {
        match weakness {
            Weakness::TooShort => Self::TooShort,
            Weakness::TooLong => Self::TooLong,
            Weakness::OneCharacter => Self::OneCharacter,
            Weakness::TooPersonal => Self::TooPersonal,
            Weakness::TooCommon => Self::TooCommon,
        }
    }
}

impl From<NotYourself> for Problem {
    fn from(refusal: NotYourself) -> Self {
        let pointer = match refusal {
            NotYourself::Role => "/role",
            NotYourself::Disabled => "/disabled",
        };
        Self::field(pointer, FieldCode::Yourself)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::WrongState(status) => {
                Self::of(Code::WrongState).with("copy_status", status.as_str().to_owned())
            }
            Refusal::NoPages => Self::of(Code::NoPages),
            Refusal::AlreadyLocked { expires_at } => {
                let until = expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
                Self::of(Code::AlreadyLocked).with("expires_at", until)
            }
            Refusal::Expired => Self::of(Code::Expired),
            Refusal::TokenMismatch => Self::of(Code::TokenMismatch),
            Refusal::LockRequired => Self::of(Code::LockRequired),
            Refusal::AlreadyGraded => Self::of(Code::AlreadyGraded),
            Refusal::NotGraded => Self::of(Code::NotGraded),
            Refusal::PageOutOfRange => Self::of(Code::PageOutOfRange),
            Refusal::TooManyAnnotations => Self::field("", FieldCode::TooLong),
            Refusal::TooMuchInk => Self::field("/ink", FieldCode::TooLong),
            Refusal::UnknownQuestion => Self::of(Code::UnknownQuestion),
            Refusal::Negative => Self::field("/points", FieldCode::Negative),
            Refusal::AboveMax { max } => {
                Self::field("/points", FieldCode::AboveMax).with("max", max.to_string())
            }
            Refusal::ScoreOutOfRange { total, max } => Self::of(Code::ScoreOutOfRange)
                .with("total", total.to_string())
                .with("max", max.to_string()),
            Refusal::StaleVersion => Self::of(Code::StaleVersion),
            Refusal::TooLarge => Self::field("/other_id", FieldCode::TooLong),
            Refusal::OtherBooklets => Self::field("/booklets", FieldCode::UnknownReference),
        }
    }
}
