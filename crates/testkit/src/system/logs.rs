//! What the processes wrote.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Every file below `directory`.
pub(super) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .flat_map(|path| {
            // A test may have put a device in the place of a file, which has no end.
            match fs::metadata(&path) {
                Ok(what) if what.is_dir() => files_below(&path),
                Ok(what) if what.is_file() => vec![path],
                Ok(_) | Err(_) => Vec::new(),
            }
        })
        .collect()
}

/// Every log line below `directory` that is whole: the last one may be about to be written.
///
/// # Panics
/// If a line is not JSON.
pub(super) fn lines(directory: &Path) -> Vec<Value> {
    lines_with(directory, "")
}

/// Those of an event. There are many, and it is asked often: others are not taken apart.
pub(super) fn lines_of(directory: &Path, event: &str) -> Vec<Value> {
    lines_with(directory, &format!("\"event\":\"{event}\""))
}

fn lines_with(directory: &Path, words: &str) -> Vec<Value> {
    let files = files_below(directory).into_iter();
    let texts = files.filter_map(|file| fs::read_to_string(file).ok());
    texts
        .flat_map(|text| {
            let whole = text.rsplit_once('\n').map_or("", |(whole, _torn)| whole);
            let lines = whole.lines().filter(|line| line.contains(words));
            lines.map(parse).collect::<Vec<_>>()
        })
        .collect()
}

#[expect(clippy::panic, reason = "a log line that is not JSON is a failure")]
fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|_error| panic!("not a log line: {line}"))
}

/// Prints what the processes logged, for the person who reads why a test failed.
#[expect(
    clippy::disallowed_macros,
    clippy::print_stderr,
    reason = "the test runner shows it with the failure"
)]
pub(super) fn show(directory: &Path) {
    for file in files_below(directory) {
        eprintln!("--- {}", file.display());
        eprintln!("{}", fs::read_to_string(&file).unwrap_or_default());
    }
}
