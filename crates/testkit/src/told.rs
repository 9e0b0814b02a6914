//! What operators' commands tell programs.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::process::Output;

use serde_json::Value;

/// What a command with `--json` said on standard output: one JSON value, or nothing where it failed before it did anything.
#[must_use]
pub fn result(output: &Output) -> Option<Value> {
    let said = &output.stdout;
    (!said.is_empty()).then(|| serde_json::from_slice(said).expect("standard output is one JSON value"))
}

/// Why it failed: the last line that it said beside its result. Null if it did not say so.
#[must_use]
pub fn failure(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok());
    let object: Value = last.unwrap_or_default();
    object.get("error").cloned().unwrap_or_default()
}

/// That a command with `--json` said what came of it, or why nothing did. Progress may be beside it.
pub fn assert_told(words: &[&str], output: &Output) {
    let (result, failure) = (result(output), failure(output));
    let is_text = |name| failure.get(name).is_some_and(Value::is_string);
    let is_whole = ["code", "message", "advice"].into_iter().all(is_text)
        && failure.get("because").is_some_and(Value::is_array);
    let is_told = match output.status.code() {
        Some(0) => result.is_some() && failure.is_null(),
        // A finding is a result; so is what was done before it failed.
        _ => is_whole || (result.is_some() && failure.is_null()),
    };
    assert!(is_told, "{words:?}: {output:?}");
}
