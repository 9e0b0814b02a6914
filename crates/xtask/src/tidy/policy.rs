//! The part of `.deny.toml` that is checked here.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The policy about crates of others.
#[derive(Debug, Deserialize)]
pub(crate) struct Policy {
    pub(crate) licenses: Licences,
    pub(crate) bans: Bans,
}

/// Which licences are accepted.
#[derive(Debug, Deserialize)]
pub(crate) struct Licences {
    pub(crate) allow: Vec<String>,
    pub(crate) exceptions: Vec<Exception>,
}

/// A licence that is accepted for one crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Exception {
    #[serde(rename = "crate")]
    pub(crate) name: String,
    pub(crate) allow: Vec<String>,
}

/// Which crates are refused.
#[derive(Debug, Deserialize)]
pub(crate) struct Bans {
    pub(crate) deny: Vec<Ban>,
}

/// A crate that is refused, except below its wrappers, or only in several versions.
#[derive(Debug, Deserialize)]
pub(crate) struct Ban {
    #[serde(rename = "crate")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) wrappers: Vec<String>,
    #[serde(default, rename = "deny-multiple-versions")]
    pub(crate) only_several_versions: bool,
    pub(crate) reason: Option<String>,
}

impl Policy {
    /// Reads it from the root of the workspace.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(".deny.toml")).context(".deny.toml could not be read")?;
        toml::from_str(&text).context(".deny.toml is not understood")
    }
}
