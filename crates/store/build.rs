//! Reads the migrations: their fingerprint, and the names of the rules that the schema enforces.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::Path;

const MIGRATIONS: &str = "../../migrations";
const ROLES: &str = "src/bootstrap.rs";

fn main() -> io::Result<()> {
    let mut files = BTreeMap::new();
    for migration in std::fs::read_dir(MIGRATIONS)? {
        let directory = migration?.path();
        if directory.is_dir() {
            read(&directory, &mut files)?;
        }
    }
    let rules = rules(&files).join(",");
    // The roles that the migrations give privileges to.
    files.insert(ROLES.to_owned(), std::fs::read_to_string(ROLES)?);
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);

    let mut cargo = io::stdout();
    writeln!(cargo, "cargo:rerun-if-changed={MIGRATIONS}")?;
    writeln!(cargo, "cargo:rerun-if-changed={ROLES}")?;
    writeln!(
        cargo,
        "cargo:rustc-env=KORRIGO_SCHEMA_FINGERPRINT={:016x}",
        hasher.finish()
    )?;
    writeln!(cargo, "cargo:rustc-env=KORRIGO_SCHEMA_RULES={rules}")
}

fn read(directory: &Path, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for file in std::fs::read_dir(directory)? {
        let path = file?.path();
        files.insert(path.display().to_string(), std::fs::read_to_string(&path)?);
    }
    Ok(())
}

/// The names that follow the word CONSTRAINT, of tables and of what triggers raise, and those of unique indexes.
fn rules(files: &BTreeMap<String, String>) -> Vec<&str> {
    let words = ["CONSTRAINT ", "UNIQUE INDEX "];
    let after = words
        .iter()
        .flat_map(|word| files.values().flat_map(|sql| sql.split(*word).skip(1)));
    let names: BTreeSet<&str> = after
        .map(|rest| rest.trim_start_matches(['=', ' ', '\'']))
        .filter_map(|rest| {
            rest.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_')
                .next()
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.into_iter().collect()
}
