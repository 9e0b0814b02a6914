//! What operators see: the one place that prints.
//!
//! Results go to stdout, so that they can be piped; progress and failures go to stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

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

/// How often a file or a pipe is told how far long work is.
const RARELY: Duration = Duration::from_secs(30);

/// Tells how far long work is, to whoever watches it. Where nobody does, only now and then: a log has a sign of life, and
/// what is quickly done leaves none.
pub fn step(line: impl Display) {
    static LAST: LazyLock<Mutex<Instant>> = LazyLock::new(|| Mutex::new(Instant::now()));
    if io::stderr().is_terminal() {
        return progress(line);
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.elapsed() >= RARELY {
        *last = Instant::now();
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
