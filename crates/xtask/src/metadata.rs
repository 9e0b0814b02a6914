//! The workspace and everything it depends on, as cargo tells it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// A crate, ours or not.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// Where it comes from; `None` for what lies in the workspace.
    pub(crate) source: Option<String>,
    /// Its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
}

/// What a dependency is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By the crate itself.
    Normal,
    /// By its build script.
    Build,
    /// By its tests.
    Dev,
}

/// One crate depends on another.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: Kind,
}

/// All crates and who depends on whom, by package id.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) members: Vec<String>,
    pub(crate) packages: BTreeMap<String, Package>,
    pub(crate) edges: Vec<Edge>,
}

#[derive(Deserialize)]
struct Answer {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: PathBuf,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn read() -> Result<Self> {
        let mut command = Command::new("cargo");
        let output = command
            .args(["metadata", "--locked", "--format-version", "1"])
            .output();
        let output = output.context("cargo could not be run")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo metadata failed: {complaint}");
        let answer: Answer =
            serde_json::from_slice(&output.stdout).context("cargo metadata is not readable")?;
        let edges = answer.resolve.nodes.into_iter().flat_map(edges).collect();
        let packages = answer.packages.into_iter();
        Ok(Self {
            root: answer.workspace_root,
            members: answer.workspace_members,
            packages: packages.map(|package| (package.id.clone(), package)).collect(),
            edges,
        })
    }

    /// The name of a crate.
    pub(crate) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.packages.get(id).map_or(id, |package| &package.name)
    }

    /// Whether a crate is one of ours.
    pub(crate) fn is_ours(&self, id: &str) -> bool {
        self.members.iter().any(|member| member == id)
    }
}

fn edges(node: Node) -> Vec<Edge> {
    let from = node.id;
    let kinds = node.deps.into_iter().flat_map(|dependency| {
        let to = dependency.pkg;
        dependency
            .dep_kinds
            .into_iter()
            .map(move |kind| (to.clone(), kind))
    });
    let edges = kinds.map(|(to, kind)| Edge {
        from: from.clone(),
        to,
        kind: match kind.kind.as_deref() {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            Some(_) | None => Kind::Normal,
        },
    });
    edges.collect()
}
