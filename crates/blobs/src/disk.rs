//! Objects in a directory: names, and the file operations under them. Everything here blocks.
//!
//! The only place that knows how files are laid out; the other kind of storage is [`Bucket`](crate::bucket::Bucket).
//! It is written on the standard library because `object_store`'s local file system leaves the remains of a crash
//! under names that it never lists, and cannot keep files private to one user.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use domain::Digest;
use tempfile::NamedTempFile;

use crate::name::{OBJECTS, object_name};
use crate::store::Room;

/// A directory of objects.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    objects: PathBuf,
    incoming: PathBuf,
    swept: PathBuf,
}

/// A file in one of the directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found<Name> {
    pub(crate) name: Name,
    pub(crate) size: u64,
    pub(crate) modified: SystemTime,
}

impl Disk {
    /// Opens `root`, which is made if it is missing, for this user alone.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let disk = Self {
            root: root.to_owned(),
            objects: root.join(OBJECTS),
            incoming: root.join("incoming"),
            swept: root.join("swept"),
        };
        for directory in [&disk.objects, &disk.incoming, &disk.swept] {
            private_directories(directory)?;
        }
        Ok(disk)
    }

    /// The room on the volume.
    pub(crate) fn room(&self) -> io::Result<Room> {
        let volume = rustix::fs::statvfs(&self.root)?;
        let bytes = |blocks: u64| blocks.saturating_mul(volume.f_frsize);
        Ok(Room {
            free: bytes(volume.f_bavail),
            size: bytes(volume.f_blocks),
        })
    }

    /// A new file for an upload, which is deleted when it is dropped.
    pub(crate) fn create(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix("")
            .rand_bytes(22)
            .tempfile_in(&self.incoming)
    }

    /// Gives `file` its final name, after its bytes are on the disk. An object that exists is replaced, which makes
    /// it young again.
    pub(crate) fn publish(&self, file: NamedTempFile, digest: &Digest) -> io::Result<()> {
        file.as_file().sync_all()?;
        let path = self.object(digest);
        match file.persist(&path) {
            Ok(_) => {}
            Err(failed) if failed.error.kind() == io::ErrorKind::NotFound => {
                self.make_room(&path)?;
                failed.file.persist(&path)?;
            }
            Err(failed) => return Err(failed.error),
        }
        sync_directory(path.parent())
    }

    /// Opens an object to read it.
    pub(crate) fn read(&self, digest: &Digest) -> io::Result<File> {
        self.wherever(digest, |path| File::open(path))
    }

    /// Whether there is such an object.
    pub(crate) fn exists(&self, digest: &Digest) -> io::Result<bool> {
        match self.wherever(digest, |path| fs::metadata(path)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The objects whose digest begins with `first`.
    pub(crate) fn objects(&self, first: u8) -> io::Result<Vec<Found<Digest>>> {
        let mut found = Vec::new();
        for shelf in entries(&self.objects.join(format!("{first:02x}")))? {
            found.extend(digests(&shelf.path())?);
        }
        Ok(found)
    }

    /// The objects that are put aside.
    pub(crate) fn aside(&self) -> io::Result<Vec<Found<Digest>>> {
        digests(&self.swept)
    }

    /// The uploads under way, and those that were left behind.
    pub(crate) fn uploads(&self) -> io::Result<Vec<Found<PathBuf>>> {
        let mut found = Vec::new();
        for entry in entries(&self.incoming)? {
            found.extend(describe(entry.path(), &entry)?);
        }
        Ok(found)
    }

    /// Moves an object aside. It can still be read. `None` if it is gone.
    pub(crate) fn put_aside(&self, digest: &Digest) -> io::Result<Option<Found<Digest>>> {
        let aside = self.swept_object(digest);
        if if_there(fs::rename(self.object(digest), &aside))?.is_none() {
            return Ok(None);
        }
        let Some(metadata) = if_there(fs::metadata(&aside))? else {
            return Ok(None);
        };
        Ok(Some(Found {
            name: *digest,
            size: metadata.len(),
            modified: metadata.modified()?,
        }))
    }

    /// Moves an object back, unless it was written anew in the meantime.
    pub(crate) fn put_back(&self, digest: &Digest) -> io::Result<()> {
        let (path, aside) = (self.object(digest), self.swept_object(digest));
        match fs::hard_link(&aside, &path) {
            Ok(()) => sync_directory(path.parent())?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // Somebody else has decided about it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        delete(&aside)?;
        Ok(())
    }

    /// Deletes an object that was put aside. `false` if it is gone already.
    pub(crate) fn delete_aside(&self, digest: &Digest) -> io::Result<bool> {
        delete(&self.swept_object(digest))
    }

    fn object(&self, digest: &Digest) -> PathBuf {
        self.root.join(object_name(digest))
    }

    fn swept_object(&self, digest: &Digest) -> PathBuf {
        self.swept.join(digest.to_string())
    }

    /// Looks under the final name, then aside, then again under the final name: the sweeper may have just put it back.
    fn wherever<T>(&self, digest: &Digest, look: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
        let path = self.object(digest);
        for place in [&path, &self.swept_object(digest)] {
            match look(place) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                answer => return answer,
            }
        }
        look(&path)
    }

    /// Makes the two directories above an object. Their own names have to be on the disk too.
    fn make_room(&self, object: &Path) -> io::Result<()> {
        let Some(parent) = object.parent() else {
            return Ok(());
        };
        private_directories(parent)?;
        sync_directory(parent.parent())?;
        sync_directory(Some(&self.objects))
    }
}

/// Deletes a file. `false` if it is gone already.
pub(crate) fn delete(path: &Path) -> io::Result<bool> {
    Ok(if_there(fs::remove_file(path))?.is_some())
}

fn private_directories(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn sync_directory(path: Option<&Path>) -> io::Result<()> {
    match path {
        Some(path) => File::open(path)?.sync_all(),
        None => Ok(()),
    }
}

/// `None` for what is not there.
pub(crate) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn entries(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    if_there(fs::read_dir(directory))?.map_or(Ok(Vec::new()), Iterator::collect)
}

/// The files of `directory` whose name is a digest. Others are not ours.
fn digests(directory: &Path) -> io::Result<Vec<Found<Digest>>> {
    let mut found = Vec::new();
    for entry in entries(directory)? {
        if let Some(digest) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            found.extend(describe(digest, &entry)?);
        }
    }
    Ok(found)
}

fn describe<Name>(name: Name, entry: &fs::DirEntry) -> io::Result<Option<Found<Name>>> {
    let Some(metadata) = if_there(entry.metadata())? else {
        return Ok(None);
    };
    let modified = metadata.modified()?;
    Ok(metadata.is_file().then(|| Found {
        name,
        size: metadata.len(),
        modified,
    }))
}
