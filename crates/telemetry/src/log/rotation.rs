//! A file that starts anew at 10 MiB and keeps the ten files before.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// No file grows beyond this.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// How many files are kept besides the one that is written.
const KEPT: u32 = 10;

#[derive(Debug)]
pub(super) struct Rotation {
    path: PathBuf,
    max_bytes: u64,
    file: File,
    /// Where the last whole line ends.
    size: u64,
}

impl Rotation {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        Self::with_limit(path, MAX_BYTES)
    }

    fn with_limit(path: PathBuf, max_bytes: u64) -> io::Result<Self> {
        let file = append_to(&path)?;
        let size = file.metadata()?.len();
        Ok(Self {
            path,
            max_bytes,
            file,
            size,
        })
    }

    /// Appends a line, whole or not at all.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.size > 0 && self.size.saturating_add(length) > self.max_bytes {
            self.rotate()?;
        }
        match self.file.write_all(line) {
            Ok(()) => {
                self.size = self.size.saturating_add(length);
                Ok(())
            }
            Err(error) => {
                // A full disk may have taken a part of the line: half a line would spoil the next one.
                self.file.set_len(self.size)?;
                Err(error)
            }
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..KEPT).rev() {
            rename_if_there(&self.numbered(number), &self.numbered(number + 1))?;
        }
        rename_if_there(&self.path, &self.numbered(1))?;
        self.file = append_to(&self.path)?;
        self.size = self.file.metadata()?.len();
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    close_to_others(&file, 0o640);
    Ok(file)
}

/// Takes from a file or directory that was there before what it allows beyond `mode`. If it is not ours, whoever
/// has it decides.
pub(super) fn close_to_others(file: &File, mode: u32) {
    let Ok(metadata) = file.metadata() else { return };
    let now = metadata.permissions().mode() & 0o777;
    if (metadata.is_file() || metadata.is_dir()) && now & !mode != 0 {
        _ = file.set_permissions(Permissions::from_mode(now & mode));
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_files(directory: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    }

    #[test]
    fn no_line_is_torn_or_lost_and_old_files_are_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("grading.log");
        let mut rotation = Rotation::with_limit(path, 1000).unwrap();
        for number in 0..2000 {
            rotation
                .write(format!("{{\"line\":{}}}\n", 1_000_000 + number).as_bytes())
                .unwrap();
        }
        let files = sorted_files(directory.path());
        assert_eq!(files.len(), 11, "{files:?}");
        let mut numbers = Vec::new();
        for file in &files {
            let metadata = fs::metadata(file).unwrap();
            assert!(metadata.len() <= 1000);
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            for line in fs::read_to_string(file).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                numbers.push(line["line"].as_u64().unwrap());
            }
        }
        numbers.sort_unstable();
        let oldest = numbers[0];
        assert_eq!(numbers, (oldest..1_002_000).collect::<Vec<u64>>());
    }

    #[test]
    fn what_is_written_beyond_all_files_leaves_the_newest_ones_whole_and_in_their_bounds() {
        let directory = tempfile::tempdir().unwrap();
        let mut rotation = Rotation::open(directory.path().join("grading.log")).unwrap();
        let filler = "x".repeat(4_000);
        let lines = 150 * 1024 * 1024 / 4_000;
        for number in 0..lines {
            let line = format!("{{\"line\":{number},\"filler\":\"{filler}\"}}\n");
            rotation.write(line.as_bytes()).unwrap();
        }
        let files = sorted_files(directory.path());
        let sizes = files.iter().map(|file| fs::metadata(file).unwrap().len());
        assert_eq!(files.len(), 11, "{files:?}");
        assert!(sizes.clone().all(|size| size <= MAX_BYTES));
        assert!(sizes.sum::<u64>() <= 115 * 1024 * 1024);
        let mut numbers = Vec::new();
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            assert!(text.ends_with('\n'), "{}", file.display());
            for line in text.lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                numbers.push(line["line"].as_u64().unwrap());
            }
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (numbers[0]..lines).collect::<Vec<_>>());
    }

    #[test]
    fn an_existing_file_is_continued() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("grading.log");
        for text in ["one\n", "two\n"] {
            Rotation::open(path.clone())
                .unwrap()
                .write(text.as_bytes())
                .unwrap();
        }
        assert_eq!(fs::read_to_string(path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn a_line_that_does_not_fit_on_the_disk_leaves_no_half_behind() {
        // /dev/full takes nothing and says that the disk is full.
        let mut rotation = Rotation::open(PathBuf::from("/dev/full")).unwrap();
        assert!(rotation.write(b"one\n").is_err());
        assert!(rotation.write(b"two\n").is_err());
        assert_eq!(rotation.size, 0);
    }
}
