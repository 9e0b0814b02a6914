//! What operators see: the one place that prints.
//!
//! Results go to stdout, so that they can be piped; progress and failures go to stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

/// Prints a line of the result.
pub fn result(line: impl Display) {
    // A closed pipe is the reader's way to say that it has seen enough.
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Tells what is being done.
pub fn progress(line: impl Display) {
    let (dim, plain) = colours("\u{1b}[2m");
    drop(writeln!(io::stderr().lock(), "{dim}  {line}{plain}"));
}

/// Tells how far long work is, to whoever watches it.
pub fn step(line: impl Display) {
    if io::stderr().is_terminal() {
        progress(line);
    }
}

/// Tells what went wrong.
pub fn problem(line: impl Display) {
    let (red, plain) = colours("\u{1b}[31m");
    drop(writeln!(io::stderr().lock(), "{red}{line}{plain}"));
}

fn colours(colour: &'static str) -> (&'static str, &'static str) {
    if io::stderr().is_terminal() {
        (colour, "\u{1b}[0m")
    } else {
        ("", "")
    }
}
