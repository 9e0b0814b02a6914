//! The workspace and everything it depends on, as cargo tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// The crates whose programs are installed, and are in the image.
const SHIPPED: [&str; 4] = [
    "korrigo",
    "korrigo-gateway",
    "korrigo-grading",
    "korrigo-pdf-worker",
];

/// What a program is made of or by, without what only tests use.
pub(crate) const MADE_OF: [Kind; 2] = [Kind::Normal, Kind::Build];

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

    /// Everything that what is shipped is made of or by.
    pub(crate) fn shipped(&self) -> BTreeSet<&str> {
        self.reachable(&SHIPPED, &MADE_OF)
    }

    /// Everything that crates use in one of these ways, with themselves.
    pub(crate) fn reachable(&self, names: &[&str], kinds: &[Kind]) -> BTreeSet<&str> {
        let start = self.members.iter();
        let start = start.filter(|id| names.contains(&self.name(id)));
        let mut open: Vec<&str> = start.map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                let edges = self.edges.iter();
                let below = edges.filter(|edge| edge.from == id && kinds.contains(&edge.kind));
                open.extend(below.map(|edge| edge.to.as_str()));
            }
        }
        seen
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
