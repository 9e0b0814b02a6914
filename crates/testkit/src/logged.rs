//! What was logged, by its event and its fields: by this process, where a test runs a part of a service in itself, or by
//! another one into its file.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

use crate::eventually;

/// Where the lines of a process are.
#[derive(Debug, Clone)]
pub struct Logged(Source);

#[derive(Debug, Clone)]
enum Source {
    Memory(Lines),
    File(PathBuf),
}

impl Logged {
    /// Of this process, from the first call on. All tests in it share them, so each asks for fields that are its own.
    ///
    /// # Panics
    /// If something else has started telemetry.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn here() -> Self {
        static HERE: OnceLock<(Lines, Telemetry)> = OnceLock::new();
        let (lines, _running) = HERE.get_or_init(|| {
            let lines = Lines::new();
            let mut options = Options::new(ServiceName::Korrigo, "9.9.9");
            options.output = Output::Memory(lines.clone());
            let telemetry = Telemetry::start(&options).expect("telemetry starts once");
            (lines, telemetry)
        });
        Self(Source::Memory(lines.clone()))
    }

    /// Of a process that logs into this file.
    #[must_use]
    pub fn into_file(path: PathBuf) -> Self {
        Self(Source::File(path))
    }

    /// Waits until the event was logged with these fields, whatever else the line has.
    pub async fn wait_for(&self, event: &str, fields: &[(&str, &str)]) {
        eventually(event, async || {
            let lines = self.of(event);
            if lines.iter().any(|line| has(line, fields)) {
                Ok(())
            } else {
                Err(lines)
            }
        })
        .await;
    }

    /// The lines of an event so far.
    #[must_use]
    pub fn of(&self, event: &str) -> Vec<Value> {
        let lines = match &self.0 {
            Source::Memory(lines) => lines.all(),
            Source::File(path) => {
                let text = fs::read_to_string(path).unwrap_or_default();
                text.lines().map(str::to_owned).collect()
            }
        };
        // The last line may be on its way into the file.
        let lines = lines.iter().filter_map(|line| serde_json::from_str(line).ok());
        lines.filter(|line: &Value| line["event"] == event).collect()
    }
}

/// Whether each field says this; numbers as they are written.
fn has(line: &Value, fields: &[(&str, &str)]) -> bool {
    fields.iter().all(|(name, expected)| {
        let said = &line[*name];
        let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        said == *expected
    })
}
