//! The directory of one job: the document goes in, the images come out, and it is gone when dropped.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::protocol::{CORRECTION, source_name};

const PREFIX: &str = "job-";
/// How often it is looked whether a directory is overfull.
const LOOK: Duration = Duration::from_millis(200);
/// The unit in which the kernel says what a file takes.
const BLOCK: u64 = 512;

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
        self.source(0)
    }

    /// Where the documents of a merged copy are to be written before the child runs, counted from 0.
    #[must_use]
    pub fn source(&self, index: usize) -> PathBuf {
        self.directory.path().join(source_name(index))
    }

    /// Where what correctors gave the copy is to be written before the child runs.
    #[must_use]
    pub fn correction(&self) -> PathBuf {
        self.directory.path().join(CORRECTION)
    }

    /// Waits until all the files together take more room than this. A limit of the kernel holds for each file only.
    pub(super) async fn overfull(&self, limit: u64) {
        loop {
            tokio::time::sleep(LOOK).await;
            let path = self.path().to_owned();
            // A directory that cannot be read now is looked at again in a moment.
            let taken = tokio::task::spawn_blocking(move || taken(&path)).await;
            if taken.is_ok_and(|taken| taken.is_ok_and(|taken| taken > limit)) {
                return;
            }
        }
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

/// How many bytes the files of a directory take on the disk.
fn taken(directory: &Path) -> io::Result<u64> {
    let mut sum = 0_u64;
    for entry in std::fs::read_dir(directory)? {
        // A file that was removed in this moment takes nothing.
        if let Ok(metadata) = entry?.metadata() {
            sum = sum.saturating_add(metadata.blocks().saturating_mul(BLOCK));
        }
    }
    Ok(sum)
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
