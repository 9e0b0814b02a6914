//! The directory of one server: locked while it is used, with a password of its own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use domain::Digest;

use crate::stack::account::closed_directory;
use crate::stack::{Account, Error};

/// A locked directory. The lock ends with the value, and with the process.
#[derive(Debug)]
pub struct Room {
    directory: PathBuf,
    _lock: File,
}

impl Room {
    /// Makes the directory if need be and locks it.
    pub fn enter(directory: &Path) -> Result<Self, Error> {
        make(directory)?;
        let directory = directory.canonicalize().map_err(Error::file(directory))?;
        let path = directory.join("lock");
        let lock = File::create(&path).map_err(Error::file(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                directory,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { directory }),
            Err(TryLockError::Error(source)) => Err(Error::File { path, source }),
        }
    }

    /// The directory, absolute.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A path below it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The secret kept in the file `name`: random, made at the first call, readable by us only.
    pub fn secret(&self, name: &str) -> Result<String, Error> {
        let path = self.path(name);
        if let Ok(secret) = fs::read_to_string(&path)
            && !secret.is_empty()
        {
            return Ok(secret);
        }
        let secret = domain::secret::random_token().expose().to_owned();
        write_private(&path, &secret)?;
        Ok(secret)
    }
}

/// Writes a file that only we can read, whole or not at all.
pub fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let new = path.with_extension("new");
    // A leftover might have other permissions.
    drop(fs::remove_file(&new));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(Error::file(&new))?;
    file.write_all(text.as_bytes()).map_err(Error::file(&new))?;
    fs::rename(&new, path).map_err(Error::file(path))
}

/// Makes a directory. Root's are open to all, whatever the mask says: a server that runs as somebody else has
/// to pass through. What is private has its own permissions.
fn make(directory: &Path) -> Result<(), Error> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory).map_err(Error::file(directory))?;
    if rustix::process::geteuid().is_root() {
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(directory, open).map_err(Error::file(directory))?;
    }
    Ok(())
}

/// Where servers can live that `wanted` is the natural place for.
///
/// Root hands PostgreSQL to another account, and that account may not be able to enter a checkout below a
/// private home. Then a directory below `/var/tmp` takes its place, always the same one.
pub fn place_for_servers(wanted: &Path) -> Result<PathBuf, Error> {
    make(wanted)?;
    let wanted = wanted.canonicalize().map_err(Error::file(wanted))?;
    if Account::for_unprivileged_servers()?.is_none() || closed_directory(&wanted).is_none() {
        return Ok(wanted);
    }
    let digest = Digest::of(wanted.as_os_str().as_encoded_bytes()).to_string();
    let name: String = digest.chars().take(16).collect();
    let place = Path::new("/var/tmp").join(format!("korrigo-{name}"));
    make(&place)?;
    // Everybody may write to /var/tmp: a directory that somebody else prepared is not ours.
    let metadata = place.symlink_metadata().map_err(Error::file(&place))?;
    if metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw() {
        Ok(place)
    } else {
        Err(Error::InUse { directory: place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_used_by_one_at_a_time_and_keeps_its_secret() {
        let directory = tempfile::tempdir().unwrap();
        let room = Room::enter(directory.path()).unwrap();
        assert!(matches!(Room::enter(directory.path()), Err(Error::InUse { .. })));
        let secret = room.secret("password").unwrap();
        drop(room);
        assert_eq!(
            Room::enter(directory.path()).unwrap().secret("password").unwrap(),
            secret
        );
    }
}
