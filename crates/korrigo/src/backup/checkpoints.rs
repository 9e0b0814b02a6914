//! The checkpoints outside of the database, which know better than a backup how far the trail had come.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::audit::{
    Finding, Notes, Place, Root, Tampering, VerifyingKey, checkpoint_roots, open_checkpoint,
};

use crate::backup::Error;

/// The file of signed checkpoints, and the key that they are signed with.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The file.
    pub file: PathBuf,
    /// The public key.
    pub key: VerifyingKey,
}

impl Outside {
    /// The trees that they vouch for.
    pub(crate) fn roots(&self) -> Result<Vec<Root>, Error> {
        let roots = checkpoint_roots(self.open()?, &self.key).map_err(Error::file(&self.file))?;
        roots.map_err(Error::Disagrees)
    }

    /// The last one with the tree that it vouches for.
    pub(crate) fn last(&self) -> Result<Option<(String, Root)>, Error> {
        let mut last = None;
        for note in Notes::new(self.open()?) {
            last = Some(note.map_err(Error::file(&self.file))?);
        }
        Ok(last.zip(self.roots()?.pop()))
    }

    /// How many events they vouch for beyond this tree. One of its own size has to be of this tree.
    pub(crate) fn beyond(&self, tree: Root) -> Result<u64, Error> {
        let roots = self.roots()?;
        if roots
            .iter()
            .any(|root| root.size == tree.size && root.hash != tree.hash)
        {
            return Err(Error::Disagrees(Finding {
                kind: Tampering::ChainRewritten,
                place: Place::Leaves(0..tree.size),
            }));
        }
        let largest = roots.iter().map(|root| root.size).max().unwrap_or(0);
        Ok(largest.saturating_sub(tree.size))
    }

    /// Makes sure that checkpoints can be taken out: the file may be one that is only added to.
    pub(crate) fn require_writable(&self) -> Result<(), Error> {
        let file = OpenOptions::new().read(true).write(true).open(&self.file);
        file.map(|_file| ()).map_err(Error::file(&self.file))
    }

    /// Takes out the checkpoints of trees larger than this size, since the trail goes on from there in another way. All
    /// of them are kept beside the file, and it is said where.
    pub(crate) fn cut(&self, size: u64) -> Result<PathBuf, Error> {
        let failed = Error::file(&self.file);
        self.cut_file(size).map_err(failed)
    }

    fn cut_file(&self, size: u64) -> io::Result<PathBuf> {
        // The same file stays: whoever writes to it may have no right to make another.
        let mut file = OpenOptions::new().read(true).write(true).open(&self.file)?;
        file.lock()?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let (mut end, mut largest) = (0, size);
        for note in Notes::new(text.as_slice()) {
            let note = note?;
            match open_checkpoint(&note, &self.key) {
                Ok(root) if root.size <= size => end += note.len() + 1,
                Ok(root) => largest = largest.max(root.size),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        let kept = beside(&self.file, largest);
        let mut options = OpenOptions::new();
        let mut copy = options.write(true).create_new(true).mode(0o640).open(&kept)?;
        io::Write::write_all(&mut copy, &text)?;
        copy.sync_all()?;
        if let Some(directory) = kept.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            File::open(directory)?.sync_all()?;
        }
        file.set_len(u64::try_from(end).unwrap_or(u64::MAX))?;
        file.sync_all()?;
        Ok(kept)
    }

    fn open(&self) -> Result<BufReader<File>, Error> {
        let file = File::open(&self.file).map_err(Error::file(&self.file))?;
        // A service may add one at the moment. A copy may be where there are no locks.
        drop(file.lock_shared());
        Ok(BufReader::new(file))
    }
}

fn beside(file: &Path, largest: u64) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".lost-{largest}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Digest;
    use domain::audit::{SigningKey, checkpoint};

    fn root(size: u64) -> Root {
        Root {
            size,
            hash: Digest::of(&size.to_be_bytes()),
        }
    }

    fn of(sizes: &[u64]) -> (tempfile::TempDir, Outside) {
        let directory = tempfile::tempdir().unwrap();
        let key = SigningKey::random("school.example".parse().unwrap());
        let file = directory.path().join("checkpoints");
        let notes = sizes
            .iter()
            .map(|size| format!("{}\n", checkpoint(root(*size), &key)));
        std::fs::write(&file, notes.collect::<String>()).unwrap();
        let key = key.public();
        (directory, Outside { file, key })
    }

    fn sizes(outside: &Outside) -> Vec<u64> {
        outside.roots().unwrap().iter().map(|root| root.size).collect()
    }

    #[test]
    fn what_came_after_a_backup_is_counted_and_a_tree_of_its_size_must_be_its_own() {
        let (_directory, outside) = of(&[3, 7, 15]);
        assert_eq!(outside.beyond(root(15)).unwrap(), 0);
        assert_eq!(outside.beyond(root(20)).unwrap(), 0);
        assert_eq!(outside.beyond(root(7)).unwrap(), 8);
        let other = Root {
            size: 7,
            hash: Digest::of(b"another"),
        };
        assert!(matches!(outside.beyond(other), Err(Error::Disagrees(_))));
    }

    #[test]
    fn the_checkpoints_of_what_is_lost_are_taken_out_and_kept() {
        let (_directory, outside) = of(&[3, 7, 15, 16]);
        let kept = outside.cut(10).unwrap();
        assert_eq!(sizes(&outside), [3, 7]);
        assert!(kept.ends_with("checkpoints.lost-16"));
        let lost = Outside {
            file: kept,
            key: outside.key.clone(),
        };
        assert_eq!(sizes(&lost), [3, 7, 15, 16]);
        assert!(outside.cut(0).is_ok());
        assert_eq!(sizes(&outside), [0_u64; 0]);
    }
}
