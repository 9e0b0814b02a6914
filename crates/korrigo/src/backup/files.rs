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

/// A backup that is being taken. Until it has its manifest, what was made for it goes when this is dropped: half of one is of
/// no use to anybody.
pub(crate) struct Begun {
    files: Files,
    /// The directories that were not there before, the innermost first.
    directories: Vec<PathBuf>,
    /// Whether what is in the directory is ours.
    is_ours: bool,
}

impl Begun {
    /// A new directory, for this user alone: it will have everything that the database has. The file of the dump comes with
    /// it, since the directory is whose who makes that first.
    pub(crate) fn make(directory: &Path) -> Result<(Self, Written), Error> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let mut begun = Self {
            files: Files::of(directory),
            directories: directory
                .ancestors()
                .take_while(is_missing)
                .map(Path::to_owned)
                .collect(),
            is_ours: false,
        };
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(directory);
        made.map_err(Error::file(directory))?;
        let mut entries = fs::read_dir(directory).map_err(Error::file(directory))?;
        if entries.next().is_some() {
            return Err(Error::NotNew(directory.to_owned()));
        }
        let dump = Written::create(&begun.files.dump())?;
        begun.is_ours = true;
        Ok((begun, dump))
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let files = &self.files;
        if files.manifest().exists() {
            return;
        }
        // Nobody hears what cannot be removed: the reason why there is no backup is told, and that without a manifest it is none.
        if self.is_ours {
            drop(fs::remove_dir_all(files.copies()));
            for path in [files.list(), files.seal(), files.unfinished(), files.dump()] {
                drop(fs::remove_file(path));
            }
        }
        for directory in &self.directories {
            // Only an empty one goes.
            drop(fs::remove_dir(directory));
        }
    }
}

/// The directory of a backup.
#[derive(Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
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
        Ok(Blobs::open(&Config::directory(self.copies()))?)
    }

    fn copies(&self) -> PathBuf {
        self.0.join("blobs")
    }

    fn manifest(&self) -> PathBuf {
        self.0.join("manifest.json")
    }

    fn seal(&self) -> PathBuf {
        self.0.join("manifest.sha256")
    }

    /// The manifest while it is written.
    fn unfinished(&self) -> PathBuf {
        self.0.join("manifest.new")
    }

    /// Writes the manifest, which makes the directory a backup. All else is on the disk before it.
    pub(crate) fn finish(&self, manifest: Manifest) -> Result<Sealed, Error> {
        let text = manifest.write();
        let digest = Digest::of(text.as_bytes());
        write(&self.seal(), &seal(digest))?;
        self.sync()?;
        let unfinished = self.unfinished();
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

    pub(crate) fn path(&self) -> &Path {
        &self.path
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
        let files = Files::of(directory.path());
        files.finish(sample()).unwrap();
        (directory, files)
    }

    fn is_damaged(files: &Files) -> bool {
        matches!(files.read(), Err(Error::Damaged { .. }))
    }

    #[test]
    fn what_was_begun_goes_unless_it_has_its_manifest_and_nothing_else_does() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("of/monday");
        let half = || {
            let (begun, mut dump) = Begun::make(&place).unwrap();
            dump.add(b"half of it").unwrap();
            drop(begun.files().blobs().unwrap());
            begun
        };
        drop(half());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);

        fs::create_dir_all(&place).unwrap();
        drop(half());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "it was there");

        let begun = half();
        assert!(matches!(Begun::make(&place), Err(Error::NotNew(_))));
        assert!(begun.files().dump().exists(), "another began it");
        fs::write(place.join("notes"), "of somebody else").unwrap();
        drop(begun);
        let left: Vec<_> = fs::read_dir(&place).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        fs::remove_file(place.join("notes")).unwrap();

        let begun = half();
        begun.files().finish(sample()).unwrap();
        drop(begun);
        assert!(Files::of(&place).read().is_ok() && Files::of(&place).dump().exists());
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
