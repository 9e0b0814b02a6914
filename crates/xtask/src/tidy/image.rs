//! What a program is compiled from outside of its crate is among what the image is built from.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use crate::image::Context;
use crate::metadata::{Package, Workspace};
use crate::tidy::text;

/// What compiles a file in, which it names from where it stands; the last one from its crate.
const MACROS: [&str; 3] = ["include_str!", "include_bytes!", "include!"];
const EMBEDDED: &str = "embed_migrations!";

/// Where tests begin, that no program has.
const TESTS: &str = "\n#[cfg(test)]\nmod ";

pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let context = Context::read(&workspace.root)?;
    let shipped = workspace.shipped().into_iter();
    let crates: Vec<(&Package, PathBuf)> = shipped
        .filter(|id| workspace.is_ours(id))
        .filter_map(|id| {
            let package = workspace.packages.get(id)?;
            let directory = package.manifest_path.parent()?;
            Some((package, directory.strip_prefix(&workspace.root).ok()?.to_owned()))
        })
        .collect();
    let mut findings = Vec::new();
    for file in text::files(&workspace.root)? {
        let path = Path::new(&file);
        let of = crates.iter().find(|(_, home)| path.starts_with(home));
        if let Some((package, home)) = of
            && path.extension().is_some_and(|extension| extension == "rs")
            && let Ok(said) = fs::read_to_string(workspace.root.join(path))
        {
            for outside in outside(home, path, &said) {
                if !context.lets_through(&outside) {
                    let name = &package.name;
                    findings.push(format!(
                        "{file}: {name} is compiled from {outside}, which .dockerignore keeps from the image"
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// What a file of a crate names that is not of this crate, from the root of the workspace.
fn outside(home: &Path, file: &Path, said: &str) -> Vec<String> {
    let here = file.parent().unwrap_or(home);
    let said = said.split(TESTS).next().unwrap_or_default();
    let mut named: Vec<PathBuf> = Vec::new();
    if file == home.join("build.rs") {
        named.extend(quoted_upwards(said).map(|path| home.join(path)));
    } else if file.starts_with(home.join("src")) {
        let beside = MACROS.iter().flat_map(|name| arguments(said, name));
        named.extend(beside.map(|path| here.join(path)));
        named.extend(arguments(said, EMBEDDED).map(|path| home.join(path)));
    }
    let plain = named.iter().map(|path| plain(path));
    plain
        .filter(|path| !path.starts_with(home))
        .map(|path| path.display().to_string())
        .collect()
}

/// The first quoted words behind each use of a macro.
fn arguments<'a>(said: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let uses = said.split(name).skip(1);
    uses.filter_map(|rest| {
        rest.strip_prefix('(')?
            .trim_start()
            .strip_prefix('"')?
            .split('"')
            .next()
    })
}

/// What a build script quotes that leads upwards, behind what it may be told of its own place.
fn quoted_upwards(said: &str) -> impl Iterator<Item = &str> {
    let quoted = said.split('"').skip(1).step_by(2);
    quoted.filter_map(|text| text.find("../").and_then(|at| text.get(at..)))
}

/// Without steps upwards.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, said: &str) -> Vec<String> {
        outside(Path::new("crates/one"), Path::new(file), said)
    }

    #[test]
    fn what_leads_out_of_a_crate_is_found_wherever_it_is_named() {
        let text = "const A: &str = include_str!(\"../../../docs/a.md\");\nconst B: &[u8] = include_bytes!(\"../fonts/b\");\n";
        assert_eq!(found("crates/one/src/lib.rs", text), ["docs/a.md"]);
        let text = "const M: E = embed_migrations!(\n    \"../../migrations\");";
        assert_eq!(found("crates/one/src/deep/m.rs", text), ["migrations"]);
        let text = "let root = format!(\"{}/../../proto\", here);\nprintln!(\"rerun\");";
        assert_eq!(found("crates/one/build.rs", text), ["proto"]);
    }

    #[test]
    fn what_only_tests_read_need_not_be_in_the_image() {
        let text =
            "\n#[cfg(test)]\nmod tests {\n    const A: &str = include_str!(\"../../../docs/a.md\");\n}\n";
        assert_eq!(found("crates/one/src/lib.rs", text), Vec::<String>::new());
        let text = "const A: &str = include_str!(\"../../../docs/a.md\");";
        assert_eq!(found("crates/one/tests/all.rs", text), Vec::<String>::new());
    }
}
