//! What a test has seen, for whoever wants to read more than that it passed. `make prove ARGS=checks` shows it.

use std::fmt::Arguments;

/// Says what was seen, in numbers.
#[expect(
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "this is the one place that prints, and the test runner shows it when it is asked to"
)]
pub fn evidence(what: Arguments<'_>) {
    println!("seen: {what}");
}
