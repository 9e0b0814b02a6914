//! The directory of one job: the document goes in, the images come out, and it is gone when dropped.

use std::io;
use std::path::{Path, PathBuf};

use super::protocol::INPUT;

const PREFIX: &str = "job-";

/// A directory that only this process and its child can enter. Dropping it removes it with everything inside.
#[derive(Debug)]
pub struct JobDirectory {
    directory: tempfile::TempDir,
}

impl JobDirectory {
    pub(super) fn new(work_dir: &Path) -> io::Result<Self> {
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let directory = tempfile::Builder::new().prefix(&prefix).tempdir_in(work_dir)?;
        Ok(Self { directory })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the document is to be written before the child runs.
    #[must_use]
    pub fn input(&self) -> PathBuf {
        self.directory.path().join(INPUT)
    }
}

/// Makes the directory of all jobs and removes what workers that were killed left in it: pages of pupils.
pub(super) fn prepare(work_dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(work_dir)?;
    for entry in std::fs::read_dir(work_dir)? {
        let entry = entry?;
        if owner(&entry.file_name().to_string_lossy()).is_some_and(is_dead) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The process that made a job directory.
fn owner(name: &str) -> Option<u32> {
    let (process, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    process.parse().ok()
}

fn is_dead(process: u32) -> bool {
    process != std::process::id() && !Path::new("/proc").join(process.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::{JobDirectory, prepare};

    #[test]
    fn leftovers_of_dead_workers_are_removed_and_nothing_else() {
        let work_dir = tempfile::tempdir().unwrap();
        let ours = JobDirectory::new(work_dir.path()).unwrap();
        let theirs = work_dir.path().join("job-4194305-x");
        let stranger = work_dir.path().join("notes");
        std::fs::create_dir(&theirs).unwrap();
        std::fs::create_dir(&stranger).unwrap();
        prepare(work_dir.path()).unwrap();
        assert!(ours.path().exists());
        assert!(stranger.exists());
        assert!(!theirs.exists());
    }
}
