//! The checkpoints outside of the database, which know better than a backup how far the trail had come.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::audit::{
    Finding, Notes, Place, Root, Tampering, VerifyingKey, checkpoint_roots, open_checkpoint,
};

use crate::backup::Error;
use crate::backup::files::length;

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

    /// Makes sure that the checkpoints of trees larger than this size can be taken out, and leaves nothing: the file may be
    /// one that is only added to, and there may be no place beside it for what is taken out.
    pub(crate) fn require_cuttable(&self, size: u64) -> Result<(), Error> {
        let cut = self.look(&mut self.writable()?, size)?;
        if !cut.is_kept()? {
            cut.keep()?;
            fs::remove_file(&cut.kept).map_err(Error::file(&cut.kept))?;
        }
        Ok(())
    }

    /// Takes out the checkpoints of trees larger than this size, since the trail goes on from there in another way. All
    /// of them are kept beside the file, and it is said where.
    pub(crate) fn cut(&self, size: u64) -> Result<PathBuf, Error> {
        let mut file = self.writable()?;
        let cut = self.look(&mut file, size)?;
        if !cut.is_kept()? {
            cut.keep()?;
        }
        let shortened = file.set_len(cut.end).and_then(|()| file.sync_all());
        shortened.map_err(Error::file(&self.file))?;
        Ok(cut.kept)
    }

    /// The file itself, locked: whoever writes to it may have no right to make another.
    fn writable(&self) -> Result<File, Error> {
        let file = OpenOptions::new().read(true).write(true).open(&self.file);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(Error::file(&self.file))
    }

    fn look(&self, file: &mut File, size: u64) -> Result<Cut, Error> {
        let failed = || Error::file(&self.file);
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed())?;
        let (mut end, mut largest) = (0, size);
        for note in Notes::new(text.as_slice()) {
            let note = note.map_err(failed())?;
            let root =
                open_checkpoint(&note, &self.key).map_err(|error| failed()(io::Error::other(error)))?;
            // They grow from one to the next, so nothing that stays comes behind one that goes.
            if largest == size && root.size <= size {
                end += length(note.as_bytes()) + 1;
            }
            largest = largest.max(root.size);
        }
        let kept = beside(&self.file, largest);
        Ok(Cut { text, end, kept })
    }

    fn open(&self) -> Result<BufReader<File>, Error> {
        let file = File::open(&self.file).map_err(Error::file(&self.file))?;
        // A service may add one at the moment. A copy may be where there are no locks.
        drop(file.lock_shared());
        Ok(BufReader::new(file))
    }
}

/// What becomes of a file of checkpoints.
struct Cut {
    /// What is in it.
    text: Vec<u8>,
    /// Up to where it stays.
    end: u64,
    /// Where all of it is kept.
    kept: PathBuf,
}

impl Cut {
    /// Whether a restore that was broken off has kept them already.
    fn is_kept(&self) -> Result<bool, Error> {
        match fs::read(&self.kept) {
            Ok(text) if text == self.text => Ok(true),
            Ok(_others) => Err(Error::KeptOthers(self.kept.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::file(&self.kept)(error)),
        }
    }

    fn keep(&self) -> Result<(), Error> {
        let failed = Error::file(&self.kept);
        self.keep_file().map_err(failed)
    }

    fn keep_file(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut copy = options
            .write(true)
            .create_new(true)
            .mode(0o640)
            .open(&self.kept)?;
        // Half of them would be taken for others the next time.
        let whole = copy.write_all(&self.text).and_then(|()| copy.sync_all());
        whole.inspect_err(|_no_room| drop(fs::remove_file(&self.kept)))?;
        let directory = self.kept.parent();
        match directory.filter(|directory| !directory.as_os_str().is_empty()) {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
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
        fs::write(&file, notes.collect::<String>()).unwrap();
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

    #[test]
    fn whether_checkpoints_can_be_taken_out_is_known_before_it_is_done() {
        let (directory, outside) = of(&[3, 7, 15]);
        let files = || fs::read_dir(directory.path()).unwrap().count();
        outside.require_cuttable(3).unwrap();
        assert_eq!((sizes(&outside), files()), (vec![3, 7, 15], 1));
        let kept = directory.path().join("checkpoints.lost-15");
        fs::write(&kept, "of another restore").unwrap();
        for refused in [outside.require_cuttable(3), outside.cut(3).map(drop)] {
            assert!(matches!(refused, Err(Error::KeptOthers(path)) if path == kept));
        }
        assert_eq!(sizes(&outside), [3, 7, 15]);
        // What was broken off after they were kept goes on.
        fs::copy(&outside.file, &kept).unwrap();
        outside.require_cuttable(3).unwrap();
        assert_eq!(outside.cut(3).unwrap(), kept);
        assert_eq!(sizes(&outside), [3]);
        fs::remove_file(&outside.file).unwrap();
        assert!(matches!(outside.require_cuttable(3), Err(Error::File { .. })));
    }
}
