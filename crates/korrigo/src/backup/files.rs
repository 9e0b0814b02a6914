//! The directory of a backup: its names, and files that are on the disk when they have theirs.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use blobs::{Blobs, Config};
use domain::Digest;
use domain::digest::Hasher;

use crate::backup::{Error, Manifest, Sealed, Whole};

/// How much is read at a time.
const PIECE: usize = 256 * 1024;

/// The directory of a backup.
#[derive(Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
    /// A new directory, for this user alone: it will have everything that the database has.
    pub(crate) fn make(directory: &Path) -> Result<Self, Error> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(directory);
        made.map_err(Error::file(directory))?;
        let mut entries = fs::read_dir(directory).map_err(Error::file(directory))?;
        if entries.next().is_some() {
            return Err(Error::NotNew(directory.to_owned()));
        }
        Ok(Self(directory.to_owned()))
    }

    /// The directory of a backup that is there.
    pub(crate) fn of(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    pub(crate) fn dump(&self) -> PathBuf {
        self.0.join("database.dump")
    }

    pub(crate) fn list(&self) -> PathBuf {
        self.0.join("blobs.list")
    }

    /// The store of the copied files.
    pub(crate) fn blobs(&self) -> Result<Blobs, Error> {
        Ok(Blobs::open(&Config::directory(self.0.join("blobs")))?)
    }

    fn manifest(&self) -> PathBuf {
        self.0.join("manifest.json")
    }

    fn seal(&self) -> PathBuf {
        self.0.join("manifest.sha256")
    }

    /// Writes the manifest, which makes the directory a backup. All else is on the disk before it.
    pub(crate) fn finish(&self, manifest: Manifest) -> Result<Sealed, Error> {
        let text = manifest.write();
        let digest = Digest::of(text.as_bytes());
        write(&self.seal(), &seal(digest))?;
        self.sync()?;
        let unfinished = self.0.join("manifest.new");
        write(&unfinished, &text)?;
        let path = self.manifest();
        fs::rename(&unfinished, &path).map_err(Error::file(&path))?;
        self.sync()?;
        Ok(Sealed { manifest, digest })
    }

    /// Reads the manifest.
    pub(crate) fn read(&self) -> Result<Sealed, Error> {
        let path = self.manifest();
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoBackup(self.0.clone()));
            }
            read => read.map_err(Error::file(&path))?,
        };
        let (path, digest) = (self.seal(), Digest::of(&text));
        let expected = match fs::read(&path) {
            // It was there before the manifest was.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::damaged("its manifest"));
            }
            read => read.map_err(Error::file(&path))?,
        };
        let manifest = std::str::from_utf8(&text).ok().and_then(Manifest::read);
        match manifest {
            Some(manifest) if seal(digest).as_bytes() == expected => Ok(Sealed { manifest, digest }),
            Some(_) | None => Err(Error::damaged("its manifest")),
        }
    }

    fn sync(&self) -> Result<(), Error> {
        let directory = File::open(&self.0);
        directory
            .and_then(|directory| directory.sync_all())
            .map_err(Error::file(&self.0))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = Written::create(path)?;
    file.add(text.as_bytes())?;
    file.finish().map(|_whole| ())
}

/// As `sha256sum` writes it.
fn seal(digest: Digest) -> String {
    format!("{digest}  manifest.json\n")
}

/// A new file that is being written, for this user alone.
pub(crate) struct Written {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    bytes: u64,
}

impl Written {
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(Error::file(path))?,
            hasher: Hasher::default(),
            bytes: 0,
        })
    }

    pub(crate) fn add(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.hasher.update(piece);
        self.bytes += length(piece);
        self.file.write_all(piece).map_err(Error::file(&self.path))
    }

    /// Brings it to the disk.
    pub(crate) fn finish(self) -> Result<Whole, Error> {
        self.file.sync_all().map_err(Error::file(&self.path))?;
        Ok(Whole {
            digest: self.hasher.finish(),
            bytes: self.bytes,
        })
    }
}

/// Reads all of `from` in pieces.
pub(crate) fn each_piece(
    from: &mut impl Read,
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).map_err(Error::file(path))?;
        match piece.get(..read) {
            Some([]) | None => return Ok(()),
            Some(bytes) => take(bytes)?,
        }
    }
}

/// What a file is as a whole.
pub(crate) fn whole(path: &Path) -> Result<Whole, Error> {
    let mut file = File::open(path).map_err(Error::file(path))?;
    let (mut hasher, mut bytes) = (Hasher::default(), 0);
    each_piece(&mut file, path, |piece| {
        hasher.update(piece);
        bytes += length(piece);
        Ok(())
    })?;
    Ok(Whole {
        digest: hasher.finish(),
        bytes,
    })
}

pub(crate) fn length(piece: &[u8]) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::manifest::sample;

    fn backup() -> (tempfile::TempDir, Files) {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::make(&directory.path().join("backup")).unwrap();
        files.finish(sample()).unwrap();
        (directory, files)
    }

    fn is_damaged(files: &Files) -> bool {
        matches!(files.read(), Err(Error::Damaged { .. }))
    }

    #[test]
    fn a_manifest_and_its_seal_are_those_that_were_written_byte_for_byte() {
        let (_directory, files) = backup();
        assert_eq!(files.read().unwrap().manifest, sample());
        for path in [files.manifest(), files.seal()] {
            let whole = fs::read(&path).unwrap();
            for place in 0..whole.len() {
                for other in [b' ', b'0', b'\n', whole[place] ^ 1, whole[place] ^ 32] {
                    let mut edited = whole.clone();
                    edited[place] = other;
                    fs::write(&path, &edited).unwrap();
                    assert_eq!(is_damaged(&files), edited != whole, "byte {place} as {other}");
                }
                let mut shorter = whole.clone();
                shorter.remove(place);
                fs::write(&path, &shorter).unwrap();
                assert!(is_damaged(&files), "without byte {place}");
                let mut longer = whole.clone();
                longer.insert(place, b' ');
                fs::write(&path, &longer).unwrap();
                assert!(is_damaged(&files), "with another before byte {place}");
            }
            fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
            assert!(is_damaged(&files));
            fs::write(&path, &whole).unwrap();
        }
        fs::remove_file(files.seal()).unwrap();
        assert!(is_damaged(&files));
    }

    #[test]
    fn a_manifest_that_was_edited_and_sealed_again_is_another_ones() {
        let (_directory, files) = backup();
        let taken = files.read().unwrap().digest;
        let text = fs::read_to_string(files.manifest()).unwrap();
        let edited = text.replace("\"copies\": 3", "\"copies\": 4");
        fs::write(files.manifest(), &edited).unwrap();
        fs::write(files.seal(), seal(Digest::of(edited.as_bytes()))).unwrap();
        let read = files.read().unwrap();
        assert_eq!(read.manifest.copies, 4);
        assert_ne!(read.digest, taken, "whoever kept the digest knows");
    }
}
