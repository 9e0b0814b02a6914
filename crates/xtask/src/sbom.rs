//! `cargo xtask sbom`: a bill of materials of what is shipped, as `CycloneDX` 1.5 in JSON. It comes from cargo's own answer and
//! from `Cargo.lock`, so that it needs no network and comes out the same each time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::metadata::{MADE_OF, Package, Workspace};

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// Writes it.
pub(crate) fn write(to: &mut impl Write) -> Result<()> {
    let workspace = Workspace::read()?;
    let checksums = checksums(&workspace.root)?;
    serde_json::to_writer_pretty(&mut *to, &bill(&workspace, &checksums)?)?;
    Ok(writeln!(to)?)
}

/// The SHA-256 of each crate's archive, by name and version.
fn checksums(root: &Path) -> Result<BTreeMap<(String, String), String>> {
    let text = std::fs::read_to_string(root.join("Cargo.lock")).context("reading Cargo.lock")?;
    let lock: Lock = toml::from_str(&text).context("understanding Cargo.lock")?;
    let packages = lock.package.into_iter();
    let known = packages.filter_map(|locked| Some(((locked.name, locked.version), locked.checksum?)));
    Ok(known.collect())
}

fn bill(workspace: &Workspace, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let shipped = workspace.shipped();
    let packages = || shipped.iter().filter_map(|id| workspace.packages.get(*id));
    let components: Result<Vec<Value>> = packages().map(|package| component(package, checksums)).collect();
    let dependencies = packages().map(|package| {
        let below = workspace
            .edges
            .iter()
            .filter(|edge| edge.from == package.id && MADE_OF.contains(&edge.kind));
        let below: BTreeSet<String> = below
            .filter_map(|edge| workspace.packages.get(&edge.to))
            .map(purl)
            .collect();
        json!({ "ref": purl(package), "dependsOn": below })
    });
    let dependencies: Vec<Value> = dependencies.collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": { "type": "application", "name": "korrigo", "bom-ref": "korrigo" } },
        "components": components?,
        "dependencies": dependencies,
    }))
}

fn component(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "purl": purl(package),
        "name": package.name,
        "version": package.version,
    });
    let licence = package
        .license
        .as_ref()
        .map(|licence| json!([{ "expression": licence }]));
    let key = (package.name.clone(), package.version.clone());
    let hash = match package.source {
        Some(_) => Some(checksums.get(&key).with_context(|| {
            format!(
                "{} {} has no checksum in Cargo.lock",
                package.name, package.version
            )
        })?),
        None => None,
    };
    let hash = hash.map(|hash| json!([{ "alg": "SHA-256", "content": hash }]));
    for (name, value) in [("licenses", licence), ("hashes", hash)] {
        if let (Some(value), Some(object)) = (value, component.as_object_mut()) {
            object.insert(name.to_owned(), value);
        }
    }
    Ok(component)
}

fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_shipped_is_named_once_with_licence_and_checksum_and_nothing_of_the_tests() {
        let workspace = Workspace::read().unwrap();
        let bill = bill(&workspace, &checksums(&workspace.root).unwrap()).unwrap();
        let components = bill.get("components").and_then(Value::as_array).unwrap();
        let text = |component: &Value, key: &str| {
            component
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let names: Vec<String> = components
            .iter()
            .map(|component| text(component, "name"))
            .collect();
        for name in [
            "korrigo-gateway",
            "actix-web",
            "diesel",
            "lapin",
            "lopdf",
            "prost-build",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        for name in ["korrigo-testkit", "proptest", "insta"] {
            assert!(!names.iter().any(|known| known == name), "{name}");
        }
        let purls: BTreeSet<String> = components
            .iter()
            .map(|component| text(component, "purl"))
            .collect();
        assert_eq!(purls.len(), components.len());
        for component in components {
            assert!(component.get("licenses").is_some(), "{component}");
            let ours = text(component, "name").starts_with("korrigo");
            assert_eq!(component.get("hashes").is_none(), ours, "{component}");
        }
        let dependencies = bill.get("dependencies").and_then(Value::as_array).unwrap();
        assert_eq!(dependencies.len(), components.len());
    }
}
