//! Places in the source code: file and line, never a message.

use std::panic::Location;

/// A file of the source code and a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: Box<str>,
    line: u32,
}

impl Place {
    pub(crate) fn of(location: &Location<'_>) -> Self {
        Self {
            file: location.file().into(),
            line: location.line(),
        }
    }

    /// The line.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The module path that the file stands for: `crates/grading/src/relay.rs` is `grading::relay`. A file
    /// of another crate keeps only its last three parts.
    #[must_use]
    pub fn module(&self) -> String {
        let parts: Vec<&str> = self
            .file
            .trim_end_matches(".rs")
            .split(['/', '\\'])
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let after_crates = parts.iter().rposition(|part| *part == "crates").map(|at| at + 1);
        let start = after_crates.unwrap_or(parts.len().saturating_sub(3));
        let module: Vec<String> = parts
            .iter()
            .skip(start)
            .filter(|part| !matches!(**part, "src" | "lib" | "mod"))
            .map(|part| part.replace('-', "_"))
            .collect();
        module.join("::")
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.module(), self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(file: &str) -> String {
        Place {
            file: file.into(),
            line: 1,
        }
        .module()
    }

    #[test]
    fn a_file_is_named_by_its_module() {
        assert_eq!(module("crates/pdf-worker/src/child/mod.rs"), "pdf_worker::child");
        assert_eq!(module("crates/grading/src/lib.rs"), "grading");
        assert_eq!(
            module("/home/x/.cargo/registry/src/index/tokio-1.0/src/task/raw.rs"),
            "task::raw"
        );
    }
}
