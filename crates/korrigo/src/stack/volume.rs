//! A small volume in memory, so that it can be filled. Only who rules the machine may mount one.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::stack::Error;

/// What fills it.
const FILLER: &str = "filler";

/// A mounted volume. It is unmounted when it is dropped.
#[derive(Debug)]
pub struct Volume {
    path: PathBuf,
}

impl Volume {
    /// Mounts a volume with so many mebibytes over a directory, for nobody but us; `None` where nothing may be mounted.
    #[must_use]
    pub fn mount(path: PathBuf, mebibytes: u32) -> Option<Self> {
        let options = format!("size={mebibytes}m,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&path);
        (rustix::process::geteuid().is_root() && silent(&mut mount)).then_some(Self { path })
    }

    /// Unmounts what a killed run has left.
    pub fn release(path: &Path) {
        if rustix::process::geteuid().is_root() {
            silent(Command::new("umount").arg(path));
        }
    }

    /// Leaves no room on it.
    pub fn fill(&self) -> Result<(), Error> {
        let filler = self.path.join(FILLER);
        let mut file = File::create(&filler).map_err(Error::file(&filler))?;
        let block = vec![0; 1 << 16];
        // The end is what it is for.
        while file.write_all(&block).is_ok() {}
        Ok(())
    }

    /// Makes room again.
    pub fn clear(&self) -> Result<(), Error> {
        let filler = self.path.join(FILLER);
        fs::remove_file(&filler).map_err(Error::file(filler))
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        // Whoever has it open still is about to end.
        silent(Command::new("umount").arg("--lazy").arg(&self.path));
    }
}

fn silent(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
