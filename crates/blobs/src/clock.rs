//! The clock that the times of files come from.

use std::time::SystemTime;

/// The time now, to compare with the times of files: for [`sweep`](crate::sweep), and for nothing else.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that compares with the times of files"
)]
pub fn clock() -> SystemTime {
    SystemTime::now()
}
