//! What the image is built from: the files that `.dockerignore` lets through.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::metadata::Workspace;
use crate::tidy::text;

/// What is let through, as paths from the root. One that ends in `*` stands for all that begin so.
#[derive(Debug)]
pub(crate) struct Context(Vec<String>);

impl Context {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let said = fs::read_to_string(root.join(".dockerignore")).context("there is no .dockerignore")?;
        Self::parse(&said)
    }

    /// Everything is left out first, so that a new directory is not sent along with its secrets.
    fn parse(said: &str) -> Result<Self> {
        let mut lines = said
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        ensure!(
            lines.next() == Some("*"),
            ".dockerignore does not leave everything out first"
        );
        let mut through = Vec::new();
        for line in lines {
            let Some(path) = line.strip_prefix("!/") else {
                bail!(".dockerignore: {line} does not let anything through");
            };
            through.push(path.to_owned());
        }
        Ok(Self(through))
    }

    pub(crate) fn lets_through(&self, file: &str) -> bool {
        self.0.iter().any(|path| match path.strip_suffix('*') {
            Some(beginning) => file.starts_with(beginning),
            None => file.strip_prefix(path.as_str()).is_some_and(is_it_or_below),
        })
    }
}

fn is_it_or_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// Writes the names of these files, one a line.
pub(crate) fn write(out: &mut impl Write) -> Result<()> {
    let root = Workspace::read()?.root;
    let context = Context::read(&root)?;
    for file in text::files(&root)? {
        if context.lets_through(&file) && root.join(&file).is_file() {
            writeln!(out, "{file}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_let_through_with_what_is_below_it() {
        let context = Context::parse("# why\n*\n!/crates\n!/LICENSE-*\n!/docs/playbook.md\n").unwrap();
        for file in ["crates/domain/src/lib.rs", "LICENSE-MIT", "docs/playbook.md"] {
            assert!(context.lets_through(file), "{file}");
        }
        for file in [
            "crates2/lib.rs",
            "docs/playbook.md5",
            "docs/alerts.md",
            "README.md",
        ] {
            assert!(!context.lets_through(file), "{file}");
        }
    }

    #[test]
    fn a_list_that_lets_everything_else_through_is_refused() {
        assert!(Context::parse("!/crates\n").is_err());
        assert!(Context::parse("*\n!/crates\ncrates/pdf\n").is_err());
    }
}
