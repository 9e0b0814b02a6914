//! Whether a backup is what was written, to the last bit.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use blobs::Blobs;
use domain::Digest;

use crate::backup::files::{Files, whole};
use crate::backup::{Error, Sealed};

/// After how many files it is said how far it is.
pub(crate) const TOLD_EVERY: u64 = 1000;

/// Reads all of a backup and compares it with its manifest, and that with the digest that was kept elsewhere. `tell`
/// hears how far it is.
pub async fn verify(
    directory: &Path,
    expected: Option<Digest>,
    tell: impl Fn(&str),
) -> Result<Sealed, Error> {
    let files = Files::of(directory);
    let sealed = files.read()?;
    if expected.is_some_and(|expected| expected != sealed.digest) {
        return Err(Error::Another);
    }
    tell("reading the dump");
    for (path, expected, part) in [
        (files.dump(), sealed.manifest.dump, "the dump of the database"),
        (files.list(), sealed.manifest.list, "the list of the files"),
    ] {
        if !path.is_file() || whole(&path)? != expected {
            return Err(Error::damaged(part));
        }
    }
    let blobs = files.blobs()?;
    let (mut count, mut bytes) = (0, 0);
    for line in Listed::open(&files)? {
        let (digest, size) = line?;
        if whole_size(&blobs, digest).await? != Some(size) {
            return Err(Error::damaged(format!("the file {digest}")));
        }
        (count, bytes) = (count + 1, bytes + size);
        if count % TOLD_EVERY == 0 {
            tell(&format!("{count} of {} files read", sealed.manifest.blobs));
        }
    }
    if (count, bytes) == (sealed.manifest.blobs, sealed.manifest.blob_bytes) {
        Ok(sealed)
    } else {
        Err(Error::damaged("the number of its files"))
    }
}

/// How large a file is that a store has to its last bit; `None` if it is missing or damaged.
pub(crate) async fn whole_size(blobs: &Blobs, digest: Digest) -> Result<Option<u64>, Error> {
    match blobs.check(digest).await {
        Ok(size) => Ok(Some(size.bytes())),
        Err(blobs::Error::NotFound(_) | blobs::Error::Corrupt(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The list of the files, line by line.
pub(crate) struct Listed {
    lines: std::io::Lines<BufReader<File>>,
}

impl Listed {
    pub(crate) fn open(files: &Files) -> Result<Self, Error> {
        let path = files.list();
        let file = File::open(&path).map_err(Error::file(&path))?;
        Ok(Self {
            lines: BufReader::new(file).lines(),
        })
    }
}

impl Iterator for Listed {
    type Item = Result<(Digest, u64), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        let read = line.ok().and_then(|line| {
            let (digest, size) = line.split_once(' ')?;
            Some((digest.parse().ok()?, size.parse().ok()?))
        });
        Some(read.ok_or_else(|| Error::damaged("the list of the files")))
    }
}
