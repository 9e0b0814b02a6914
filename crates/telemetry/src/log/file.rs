//! A log file of this process: `<name>.log`, or `<name>.2.log` and so on while another process of the same
//! service writes to the ones before.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::rotation::{Rotation, close_to_others};

/// How many processes of one service may log into one directory.
const SLOTS: u32 = 64;

#[derive(Debug)]
pub(super) struct LogFile {
    directory: PathBuf,
    name: &'static str,
    slot: Option<Slot>,
}

/// A file name that is ours while the lock is held.
#[derive(Debug)]
struct Slot {
    rotation: Rotation,
    _lock: File,
}

impl LogFile {
    pub(super) fn new(directory: &Path, name: &'static str) -> Self {
        Self {
            directory: directory.to_owned(),
            name,
            slot: None,
        }
    }

    /// Finds a file name that no other process uses, and opens the file.
    pub(super) fn open(&mut self) -> io::Result<()> {
        self.rotation().map(|_open| ())
    }

    /// Writes one line.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.rotation()?.write(line)
    }

    fn rotation(&mut self) -> io::Result<&mut Rotation> {
        let slot = match self.slot.take() {
            Some(slot) => slot,
            None => self.free_slot()?,
        };
        Ok(&mut self.slot.insert(slot).rotation)
    }

    fn free_slot(&self) -> io::Result<Slot> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o750)
            .create(&self.directory)?;
        close_to_others(&File::open(&self.directory)?, 0o750);
        for number in 1..=SLOTS {
            let name = match number {
                1 => self.name.to_owned(),
                _ => format!("{}.{number}", self.name),
            };
            if let Some(lock) = lock(&self.directory.join(format!(".{name}.lock")))? {
                let rotation = Rotation::open(self.directory.join(format!("{name}.log")))?;
                return Ok(Slot {
                    rotation,
                    _lock: lock,
                });
            }
        }
        Err(io::Error::from(io::ErrorKind::ResourceBusy))
    }
}

/// The lock, unless another process has it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn two_processes_of_a_service_write_two_files_and_a_freed_name_is_taken_again() {
        let directory = tempfile::tempdir().unwrap();
        let logs = directory.path().join("logs");
        let write = |file: &mut LogFile, text: &str| file.write(text.as_bytes()).unwrap();

        let mut first = LogFile::new(&logs, "gateway");
        let mut second = LogFile::new(&logs, "gateway");
        write(&mut first, "first\n");
        write(&mut second, "second\n");
        drop(first);
        write(&mut LogFile::new(&logs, "gateway"), "third\n");

        assert_eq!(fs::metadata(&logs).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(
            fs::read_to_string(logs.join("gateway.log")).unwrap(),
            "first\nthird\n"
        );
        assert_eq!(
            fs::read_to_string(logs.join("gateway.2.log")).unwrap(),
            "second\n"
        );
    }

    #[test]
    fn what_others_could_read_before_is_closed_to_them() {
        let directory = tempfile::tempdir().unwrap();
        let (logs, file) = (
            directory.path().join("logs"),
            directory.path().join("logs/gateway.log"),
        );
        fs::create_dir(&logs).unwrap();
        fs::write(&file, "before\n").unwrap();
        for (path, mode) in [(&logs, 0o777), (&file, 0o644)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        LogFile::new(&logs, "gateway").write(b"after\n").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&logs), mode(&file)), (0o750, 0o640));
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error() {
        assert!(
            LogFile::new(Path::new("/dev/null/logs"), "gateway")
                .open()
                .is_err()
        );
    }
}
