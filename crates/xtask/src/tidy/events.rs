//! Every event of the registry is logged somewhere: one that nobody logs is a promise that nobody keeps.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::tidy::text;

const REGISTRY: &str = "crates/telemetry/src/events/";
const LEVELS: [&str; 5] = ["Debug", "Info", "Warning", "Error", "Critical"];

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let (mut events, mut uses) = (Vec::new(), String::new());
    for file in text::files(root)? {
        let is_rust = Path::new(&file).extension().is_some_and(|end| end == "rs");
        let is_source = is_rust && !file.contains("/tests/");
        // A file that was just deleted is no file.
        let Ok(text) = fs::read_to_string(root.join(&file)) else {
            continue;
        };
        if file.starts_with(REGISTRY) {
            events.extend(declared(&text).map(str::to_owned));
        } else if is_source {
            uses.push_str(&text);
        }
    }
    Ok(unused(&events, &uses))
}

/// ``` JobClaimed = Info "job.claimed" "a worker claimed a job" { ```
fn declared(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (name, rest) = line.trim_start().split_once(" = ")?;
        let (level, rest) = rest.split_once(' ')?;
        (LEVELS.contains(&level) && rest.starts_with('"')).then_some(name)
    })
}

fn unused(events: &[String], uses: &str) -> Vec<String> {
    events
        .iter()
        .filter(|event| !is_logged(event, uses))
        .map(|event| format!("the log event {event} is declared, and nothing logs it"))
        .collect()
}

/// Whether it is made somewhere, and not only one whose name ends like its own.
fn is_logged(event: &str, uses: &str) -> bool {
    let made = format!("{event} {{");
    uses.match_indices(&made).any(|(at, _)| {
        let before = uses.get(..at).unwrap_or_default();
        !before.ends_with(|letter: char| letter.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_nothing_logs_is_found() {
        let registry = "    closed! {\n        Ok = \"ok\",\n    }\n    Went = Info \"it.went\" \"it went\" {}\n    Came = Error \"it.came\" \"it came\" {\n";
        let events: Vec<String> = declared(registry).map(str::to_owned).collect();
        assert_eq!(events, ["Went", "Came"]);
        let uses = "telemetry::log(Went {}); BeCame {}";
        assert_eq!(
            unused(&events, uses),
            ["the log event Came is declared, and nothing logs it"]
        );
    }
}
