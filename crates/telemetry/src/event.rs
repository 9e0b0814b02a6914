//! What a log event is: a code, a level, a constant message and typed fields.
//!
//! # Adding an event
//!
//! Add five lines to the file of its family below `events/`:
//!
//! ```text
//! ExamRenamed = Info "exam.renamed" "an exam got another name" {
//!     exam_id: ExamId,
//!     version: u32,
//! }
//! ```
//!
//! and log it with `telemetry::log(ExamRenamed { exam_id, version })`. A field's type must be
//! [`Loggable`]; a `Duration` field `duration` is written as `duration_ms`. An enum of a crate that
//! telemetry does not know goes through [`Code::of`](crate::Code::of). The level belongs to the event, not
//! to the caller. DEBUG is off unless asked for; a line that everyday work writes more than once per
//! request belongs there.

use crate::loggable::{Loggable, Value, sealed};

closed! {
    /// How much an event matters.
    Level {
        /// Detail, off by default.
        Debug = "DEBUG",
        /// Normal work.
        Info = "INFO",
        /// Something went wrong and was dealt with.
        Warning = "WARNING",
        /// Somebody should look into it.
        Error = "ERROR",
        /// Somebody must act now.
        Critical = "CRITICAL",
    }
}

impl Level {
    /// The number of the level in the log data model of OpenTelemetry.
    #[must_use]
    pub const fn severity(self) -> u32 {
        match self {
            Self::Debug => 5,
            Self::Info => 9,
            Self::Warning => 13,
            Self::Error => 17,
            Self::Critical => 21,
        }
    }
}

impl std::str::FromStr for Level {
    type Err = NotALevel;

    fn from_str(text: &str) -> Result<Self, NotALevel> {
        Self::ALL
            .iter()
            .copied()
            .find(|level| level.as_str().eq_ignore_ascii_case(text))
            .ok_or(NotALevel)
    }
}

/// The text is not a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of debug, info, warning, error, critical")]
pub struct NotALevel;

/// An event of the closed registry in [`events`](crate::events).
pub trait Event: sealed::Sealed + Sized {
    /// What all events of this type have in common.
    const DESCRIPTOR: &'static Descriptor;

    /// The values of the fields, in the order of the descriptor.
    fn values(self) -> Vec<Option<Value>>;
}

/// What all events of one type have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The name by which it is searched: `import.completed`.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What happened, in constant words.
    pub message: &'static str,
    /// Its own fields.
    pub fields: &'static [Field],
}

/// A field of an event.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    name: &'static str,
    suffix: &'static str,
    /// The Rust type of its value.
    pub type_name: &'static str,
}

impl Field {
    pub(crate) const fn of<T: Loggable>(name: &'static str, type_name: &'static str) -> Self {
        Self {
            name,
            suffix: T::SUFFIX,
            type_name,
        }
    }

    /// The key in the log line.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}{}", self.name, self.suffix)
    }
}

/// Declares the list of a family and its events.
macro_rules! events {
    ($family:ident; $($name:ident = $level:ident $code:literal $message:literal { $($field:ident: $type:ty),* $(,)? })*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $message, ".")]
            #[derive(Debug, Clone)]
            pub struct $name {
                $(#[doc = concat!("The field `", stringify!($field), "`.")] pub $field: $type,)*
            }

            impl $crate::loggable::sealed::Sealed for $name {}
            impl $crate::event::Event for $name {
                const DESCRIPTOR: &'static $crate::event::Descriptor = &$crate::event::Descriptor {
                    code: $code,
                    level: $crate::event::Level::$level,
                    message: $message,
                    fields: &[$($crate::event::Field::of::<$type>(stringify!($field), stringify!($type))),*],
                };

                fn values(self) -> Vec<Option<$crate::loggable::Value>> {
                    vec![$($crate::loggable::Loggable::value(&self.$field)),*]
                }
            }
        )*

        /// The events of this family.
        pub(super) const $family: &[&$crate::event::Descriptor] =
            &[$(<$name as $crate::event::Event>::DESCRIPTOR),*];
    };
}
