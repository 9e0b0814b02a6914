//! What may be in a log line: ids, names of closed sets, numbers, booleans and durations.
//!
//! [`Loggable`] is sealed and text does not implement it. That is the whole protection against names,
//! remarks and titles in the logs, so this file is the place to be strict.

use std::time::Duration;

use domain::{
    BatchId, BookletId, ChangeSetId, CopyId, EventId, ExamId, FailureCode, FileSize, JobId, JobKind,
    JobState, Operation, OperationId, OutboxId, PageCount, PageIndex, RequestId, Role, Status, StudentId,
    TrailId, UserId, WorkerId,
};
use uuid::Uuid;

use crate::causes::Causes;
use crate::code::Code;
use crate::place::Place;

/// A value that may be a field of a log line.
///
/// Text is not one, owned or borrowed:
///
/// ```compile_fail
/// fn loggable<T: telemetry::Loggable>(_: T) {}
/// loggable(String::from("Marie Dupont"));
/// ```
///
/// ```compile_fail
/// fn loggable<T: telemetry::Loggable>(_: T) {}
/// loggable("Marie Dupont");
/// ```
///
/// A type of another crate cannot be made one:
///
/// ```compile_fail
/// struct StudentName(String);
/// impl telemetry::Loggable for StudentName {}
/// ```
pub trait Loggable: sealed::Sealed {
    /// What is added to the name of the field, for the unit.
    const SUFFIX: &'static str = "";

    /// The value as it is written; `None` leaves the field out.
    fn value(&self) -> Option<Value>;
}

pub(crate) mod sealed {
    /// Only this crate says what may be logged.
    pub trait Sealed {}
}

/// A value on its way to a log line.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A natural number.
    Unsigned(u64),
    /// A number.
    Signed(i64),
    /// Yes or no.
    Bool(bool),
    /// A duration, written in milliseconds.
    Duration(Duration),
    /// A name out of a closed set.
    Name(&'static str),
    /// An opaque id.
    Id(Uuid),
    /// The support handle of a request.
    Request(RequestId),
    /// A place in the source code.
    Place(Place),
    /// What an error and its causes are.
    Causes(Causes),
}

macro_rules! loggable {
    ($($type:ty => |$this:ident| $value:expr;)*) => {$(
        impl sealed::Sealed for $type {}
        impl Loggable for $type {
            fn value(&self) -> Option<Value> {
                let $this = self;
                Some($value)
            }
        }
    )*};
}

loggable! {
    bool => |this| Value::Bool(*this);
    u8 => |this| Value::Unsigned(u64::from(*this));
    u16 => |this| Value::Unsigned(u64::from(*this));
    u32 => |this| Value::Unsigned(u64::from(*this));
    u64 => |this| Value::Unsigned(*this);
    usize => |this| Value::Unsigned(u64::try_from(*this).unwrap_or(u64::MAX));
    i32 => |this| Value::Signed(i64::from(*this));
    i64 => |this| Value::Signed(*this);

    BatchId => |this| Value::Id((*this).into());
    ChangeSetId => |this| Value::Id((*this).into());
    BookletId => |this| Value::Id((*this).into());
    CopyId => |this| Value::Id((*this).into());
    EventId => |this| Value::Id((*this).into());
    ExamId => |this| Value::Id((*this).into());
    JobId => |this| Value::Id((*this).into());
    OperationId => |this| Value::Id((*this).into());
    OutboxId => |this| Value::Id((*this).into());
    TrailId => |this| Value::Id((*this).into());
    UserId => |this| Value::Id((*this).into());
    StudentId => |this| Value::Id((*this).into());
    WorkerId => |this| Value::Id((*this).into());
    RequestId => |this| Value::Request(this.clone());

    FileSize => |this| Value::Unsigned(this.bytes());
    PageCount => |this| Value::Unsigned(u64::from(this.get()));
    PageIndex => |this| Value::Unsigned(u64::from(this.get()));

    domain::audit::Action => |this| Value::Name(this.as_str());
    domain::audit::Tampering => |this| Value::Name(this.as_str());
    domain::copy::Variant => |this| Value::Name(this.as_str());
    domain::Reason => |this| Value::Name(this.as_str());
    FailureCode => |this| Value::Name(this.as_str());
    JobKind => |this| Value::Name(this.as_str());
    JobState => |this| Value::Name(this.as_str());
    Operation => |this| Value::Name(this.as_str());
    Role => |this| Value::Name(this.as_str());
    Status => |this| Value::Name(this.as_str());

    Code => |this| Value::Name(this.as_str());
    Place => |this| Value::Place(this.clone());
    Causes => |this| Value::Causes(this.clone());
}

impl sealed::Sealed for Duration {}
impl Loggable for Duration {
    const SUFFIX: &'static str = "_ms";

    fn value(&self) -> Option<Value> {
        Some(Value::Duration(*self))
    }
}

impl<T: Loggable> sealed::Sealed for Option<T> {}
impl<T: Loggable> Loggable for Option<T> {
    const SUFFIX: &'static str = T::SUFFIX;

    fn value(&self) -> Option<Value> {
        self.as_ref().and_then(Loggable::value)
    }
}
