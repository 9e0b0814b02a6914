//! What commands print.

use std::process::Output;

/// Results and complaints of a command, as text.
#[must_use]
pub fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat()
}
