//! What operators see: the one place that prints.
//!
//! Results go to stdout, so that they can be piped; progress and failures go to stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
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
/// How often whoever watches is told a number that grows.
const OFTEN: Duration = Duration::from_secs(1);
/// How often whoever watches is told that work goes on that says nothing of itself.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Tells what part of long work is begun, to whoever watches it. Where nobody does, only now and then: a log has a sign of
/// life, and what is quickly done leaves none.
pub fn step(line: impl Display) {
    not_within(Duration::ZERO, line);
}

/// The same of a number that grows: whoever watches need not read each.
pub fn count(line: impl Display) {
    not_within(OFTEN, line);
}

/// Does what takes long and says nothing of itself, and has a sign of life told meanwhile.
pub fn during<T>(tell: impl Fn(&str) + Send, what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let (done, ended) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(NOW_AND_THEN) == Err(RecvTimeoutError::Timeout) {
                tell(&format!("{what}, for {} s", begun.elapsed().as_secs()));
            }
        });
        let made = work();
        drop(done);
        made
    })
}

/// Tells it unless something was told a short time ago.
fn not_within(pause: Duration, line: impl Display) {
    static LAST: LazyLock<Mutex<Instant>> = LazyLock::new(|| Mutex::new(Instant::now()));
    let pause = if io::stderr().is_terminal() { pause } else { RARELY };
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.elapsed() >= pause {
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
