//! A small volume for the blobs, so that it can be filled.
//!
//! Where nothing may be mounted, the directory is only taken away when the volume is to be full: uploads cannot be stored
//! either way.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::stack::Error;

/// Room for the copies of all drills.
const SIZE: &str = "size=64m,mode=0700";
/// What fills the volume.
const FILLER: &str = "filler";
/// Where uploads begin.
const INCOMING: &str = "incoming";

/// The directory of the blobs.
#[derive(Debug)]
pub(super) struct Volume {
    path: PathBuf,
    mounted: bool,
}

impl Volume {
    /// Mounts it, where that is allowed.
    pub(super) fn at(path: PathBuf) -> Self {
        let mounted = rustix::process::geteuid().is_root()
            && silent(
                Command::new("mount")
                    .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
                    .arg(&path),
            );
        Self { path, mounted }
    }

    /// Unmounts what a killed run has left.
    pub(super) fn release(path: &Path) {
        if rustix::process::geteuid().is_root() {
            silent(Command::new("umount").arg(path));
        }
    }

    /// Leaves no room on it.
    pub(super) fn fill(&self) -> Result<(), Error> {
        if !self.mounted {
            let incoming = self.path.join(INCOMING);
            return fs::rename(&incoming, self.path.join(FILLER)).map_err(Error::file(incoming));
        }
        let filler = self.path.join(FILLER);
        let mut file = File::create(&filler).map_err(Error::file(&filler))?;
        let block = vec![0; 1 << 16];
        // The end is what it is for.
        while file.write_all(&block).is_ok() {}
        Ok(())
    }

    /// Makes room again.
    pub(super) fn clear(&self) -> Result<(), Error> {
        let filler = self.path.join(FILLER);
        if self.mounted {
            fs::remove_file(&filler).map_err(Error::file(filler))
        } else {
            fs::rename(&filler, self.path.join(INCOMING)).map_err(Error::file(filler))
        }
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        if self.mounted {
            // Services that have it open still are about to end.
            silent(Command::new("umount").arg("--lazy").arg(&self.path));
        }
    }
}

fn silent(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
