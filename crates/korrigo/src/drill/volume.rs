//! A small volume for the blobs, so that it can be filled.
//!
//! Where nothing may be mounted, the directory is only taken away when the volume is to be full: uploads cannot be stored
//! either way.

use std::fs;
use std::path::{Path, PathBuf};

use crate::stack::{self, Error};

/// Room for the copies of all drills.
const MEBIBYTES: u32 = 64;
/// Where uploads begin, and where that is while it is away.
const INCOMING: &str = "incoming";
const AWAY: &str = "away";

/// The directory of the blobs.
#[derive(Debug)]
pub(super) struct Volume {
    path: PathBuf,
    mounted: Option<stack::Volume>,
}

impl Volume {
    /// Mounts it, where that is allowed.
    pub(super) fn at(path: PathBuf) -> Self {
        let mounted = stack::Volume::mount(path.clone(), MEBIBYTES);
        Self { path, mounted }
    }

    /// Unmounts what a killed run has left.
    pub(super) fn release(path: &Path) {
        stack::Volume::release(path);
    }

    /// Whether it is a volume of its own.
    pub(super) fn is_mounted(&self) -> bool {
        self.mounted.is_some()
    }

    /// Leaves no room on it.
    pub(super) fn fill(&self) -> Result<(), Error> {
        match &self.mounted {
            Some(volume) => volume.fill(),
            None => self.rename(INCOMING, AWAY),
        }
    }

    /// Makes room again.
    pub(super) fn clear(&self) -> Result<(), Error> {
        match &self.mounted {
            Some(volume) => volume.clear(),
            None => self.rename(AWAY, INCOMING),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        let from = self.path.join(from);
        fs::rename(&from, self.path.join(to)).map_err(Error::file(from))
    }
}
