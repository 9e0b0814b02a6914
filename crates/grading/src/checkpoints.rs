//! The file of signed checkpoints, outside the database. Key and file are opened for each checkpoint anew: what is
//! repaired is used again without a restart.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use domain::audit::{
    Finding, Frontier, NoteError, Notes, Root, SigningKey, VerifyingKey, checkpoint, checkpoint_roots,
    open_checkpoint,
};
use failpoint::Point;

/// How much of the end of the file is read to find the last checkpoint. One takes up to 400 bytes.
const TAIL: u64 = 4096;

/// Where checkpoints are kept, and what signs them.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoints {
    pub(crate) file: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

/// Some of the checkpoints.
pub(crate) struct Recent {
    pub(crate) key: VerifyingKey,
    pub(crate) notes: Vec<(Root, String)>,
}

/// Why there is no checkpoint.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckpointError {
    #[error("no file or no key is set")]
    NotSet,
    #[error("the key cannot be read")]
    Key(#[source] io::Error),
    #[error("the key can be read by others than its owner")]
    KeyOpen,
    #[error("the key is not a key")]
    KeyForm(#[source] NoteError),
    #[error("the file cannot be used")]
    File(#[source] io::Error),
    #[error("the last checkpoint of the file is not of this key")]
    Foreign(#[source] NoteError),
    #[error("the last checkpoint of the file is of a larger tree")]
    Behind { checkpoint: u64 },
    #[error("the file does not have what was vouched for last")]
    Lost,
}

impl Checkpoints {
    /// Adds a checkpoint of this tree, unless the last one is of the same size, and gives what the last one vouches for
    /// then. `vouched` is known to be there already: without it nothing is signed, and the file stays as it is. It blocks.
    pub(crate) fn add(&self, tree: &Frontier, vouched: Option<Root>) -> Result<Root, CheckpointError> {
        let key = self.signing_key()?;
        let path = self.file.as_deref().ok_or(CheckpointError::NotSet)?;
        let mut file = open(path, vouched.is_some())?;
        let (known, end) = ending(&mut file, &key)?;
        let has = |vouched: Root| known.is_some_and(|known| known.size > vouched.size || known == vouched);
        if vouched.is_some_and(|vouched| !has(vouched)) {
            return Err(CheckpointError::Lost);
        }
        let root = Root {
            size: tree.size(),
            hash: tree.root(),
        };
        match known {
            Some(known) if known.size == root.size => Ok(known),
            Some(known) if known.size > root.size => Err(CheckpointError::Behind {
                checkpoint: known.size,
            }),
            Some(_) | None => {
                let note = checkpoint(root, &key);
                append(&mut file, end, &note).map_err(CheckpointError::File)?;
                Ok(root)
            }
        }
    }

    /// Whether there are meant to be checkpoints.
    pub(crate) fn wanted(&self) -> bool {
        self.file.is_some() || self.key.is_some()
    }

    /// The trees of all checkpoints, or the first one that is not what it should be. It blocks.
    pub(crate) fn roots(&self) -> Result<Result<Vec<Root>, Finding>, CheckpointError> {
        let key = self.signing_key()?.public();
        let path = self.file.as_deref().ok_or(CheckpointError::NotSet)?;
        match File::open(path) {
            Ok(file) => {
                // Whoever adds one at the moment would be seen half-way.
                file.lock_shared().map_err(CheckpointError::File)?;
                checkpoint_roots(BufReader::new(file), &key).map_err(CheckpointError::File)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ok(Vec::new())),
            Err(error) => Err(CheckpointError::File(error)),
        }
    }

    /// The last checkpoints, the last first, with what they vouch for, and the key that they are signed with. If
    /// `before` is given, only those of smaller trees. It blocks.
    pub(crate) fn recent(&self, before: Option<u64>, limit: usize) -> Result<Recent, CheckpointError> {
        let key = self.signing_key()?.public();
        let path = self.file.as_deref().ok_or(CheckpointError::NotSet)?;
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let notes = Vec::new();
                return Ok(Recent { key, notes });
            }
            Err(error) => return Err(CheckpointError::File(error)),
        };
        // Whoever adds one at the moment would be seen half-way.
        file.lock_shared().map_err(CheckpointError::File)?;
        let mut kept = VecDeque::new();
        for note in Notes::new(BufReader::new(file)) {
            let note = note.map_err(CheckpointError::File)?;
            // Only those that are handed out are verified.
            let size = note.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
            if before.is_none_or(|before| size.is_some_and(|size| size < before)) {
                kept.push_front(note);
                kept.truncate(limit);
            }
        }
        let opened = kept.into_iter().map(|note| {
            let root = open_checkpoint(&note, &key).map_err(CheckpointError::Foreign)?;
            Ok((root, note))
        });
        let notes = opened.collect::<Result<_, _>>()?;
        Ok(Recent { key, notes })
    }

    fn signing_key(&self) -> Result<SigningKey, CheckpointError> {
        let path = self.key.as_deref().ok_or(CheckpointError::NotSet)?;
        let mut file = File::open(path).map_err(CheckpointError::Key)?;
        let mode = file
            .metadata()
            .map_err(CheckpointError::Key)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(CheckpointError::KeyOpen);
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(CheckpointError::Key)?;
        SigningKey::parse(&text).map_err(CheckpointError::KeyForm)
    }
}

/// Opens the file for adding to it, for this process alone. One that is known to have been there is not made anew.
fn open(path: &Path, known: bool) -> Result<File, CheckpointError> {
    let made = !path.exists();
    let mut options = OpenOptions::new();
    let opened = options
        .read(true)
        .append(true)
        .create(!known)
        .mode(0o640)
        .open(path);
    let file = match opened {
        Err(error) if known && error.kind() == io::ErrorKind::NotFound => return Err(CheckpointError::Lost),
        opened => opened.map_err(CheckpointError::File)?,
    };
    file.lock().map_err(CheckpointError::File)?;
    if made && let Some(directory) = path.parent() {
        // The name of the file has to last as well.
        let directory = File::open(directory).map_err(CheckpointError::File)?;
        directory.sync_all().map_err(CheckpointError::File)?;
    }
    Ok(file)
}

/// The tree of the last checkpoint, and where that ends. What a crash left of one behind it does not count.
fn ending(file: &mut File, key: &SigningKey) -> Result<(Option<Root>, u64), CheckpointError> {
    let length = file.metadata().map_err(CheckpointError::File)?.len();
    let start = length.saturating_sub(TAIL);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(CheckpointError::File)?;
    file.read_to_end(&mut tail).map_err(CheckpointError::File)?;
    let sound = sound_end(&tail);
    if sound == 0 && start == 0 && begins(&tail, key) {
        return Ok((None, 0));
    }
    let mut end = length;
    if sound > 0 {
        tail.truncate(sound);
        end = start + u64::try_from(sound).unwrap_or(u64::MAX);
    }
    // From its end, since it may begin within a note: a signature, a text, and what was before.
    let tail = String::from_utf8_lossy(&tail);
    let mut parts = tail.strip_suffix("\n\n").unwrap_or(&tail).rsplitn(3, "\n\n");
    let (signature, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let note = format!("{text}\n\n{signature}\n");
    let root = open_checkpoint(&note, &key.public()).map_err(CheckpointError::Foreign)?;
    Ok((Some(root), end))
}

/// Whether this is nothing, or what a crash may have left of the first checkpoint. Whatever else is in the file is somebody's.
fn begins(text: &[u8], key: &SigningKey) -> bool {
    let origin = format!("{}\n", key.public().name().as_str());
    text.starts_with(origin.as_bytes()) || origin.as_bytes().starts_with(text)
}

/// Where the last whole checkpoint ends: after the empty line that follows a line with a signature.
fn sound_end(tail: &[u8]) -> usize {
    let (mut end, mut at, mut signed) = (0, 0, false);
    for line in tail.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if signed && line == b"\n" {
            end = at;
        }
        signed = line.starts_with("\u{2014} ".as_bytes()) && line.ends_with(b"\n");
    }
    end
}

/// Adds a checkpoint where the last one ends.
fn append(file: &mut File, end: u64, note: &str) -> io::Result<()> {
    if file.metadata()?.len() > end {
        file.set_len(end)?;
    }
    let written = file
        .write_all(format!("{note}\n").as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a checkpoint on a full disk. If it cannot be taken back now, the next one does it.
        let _taken_back = file.set_len(end);
    }
    failpoint::reach(Point::CheckpointWritten);
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Digest;

    struct Place {
        directory: tempfile::TempDir,
        checkpoints: Checkpoints,
    }

    impl Place {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let checkpoints = Checkpoints {
                file: Some(directory.path().join("checkpoints")),
                key: Some(directory.path().join("key")),
            };
            let place = Self {
                directory,
                checkpoints,
            };
            place.give_key(&SigningKey::random("school.example".parse().unwrap()), 0o600);
            place
        }

        fn give_key(&self, key: &SigningKey, mode: u32) {
            let path = self.directory.path().join("key");
            std::fs::write(&path, key.expose()).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }

        fn text(&self) -> String {
            std::fs::read_to_string(self.directory.path().join("checkpoints")).unwrap()
        }

        fn write(&self, text: &str) {
            std::fs::write(self.directory.path().join("checkpoints"), text).unwrap();
        }

        fn add(&self, size: u64) {
            assert_eq!(self.checkpoints.add(&tree(size), None).unwrap(), root(size));
        }

        fn sizes(&self) -> Vec<u64> {
            let roots = self.checkpoints.roots().unwrap().unwrap();
            roots.iter().map(|root| root.size).collect()
        }
    }

    fn tree(size: u64) -> Frontier {
        let mut tree = Frontier::default();
        (0..size).for_each(|leaf| tree.push(Digest::of(&leaf.to_be_bytes())));
        tree
    }

    fn root(size: u64) -> Root {
        let hash = tree(size).root();
        Root { size, hash }
    }

    #[test]
    fn each_size_of_the_tree_is_vouched_for_once_and_a_smaller_one_never() {
        let place = Place::new();
        for size in [3, 3, 70, 71] {
            place.add(size);
        }
        assert_eq!(place.sizes(), [3, 70, 71]);
        let behind = place.checkpoints.add(&tree(70), Some(root(3))).unwrap_err();
        assert!(matches!(behind, CheckpointError::Behind { checkpoint: 71 }));
        assert_eq!(place.sizes(), [3, 70, 71]);
    }

    #[test]
    fn what_a_crash_left_of_a_checkpoint_is_cut_off_wherever_it_ended() {
        let place = Place::new();
        for size in 1..=30 {
            place.add(size);
        }
        let whole = place.text();
        place.add(31);
        let more = place.text();
        for end in whole.len()..more.len() {
            place.write(more.get(..end).unwrap_or(&whole));
            place.checkpoints.add(&tree(40), Some(root(30))).unwrap();
            assert_eq!(place.sizes().last_chunk(), Some(&[30, 40]), "cut at {end}");
        }
        for half in ["", "school.exam", "school.example\n5\n"] {
            place.write(half);
            place.add(5);
            assert_eq!(place.sizes(), [5]);
        }
    }

    #[test]
    fn without_what_was_vouched_for_last_nothing_is_signed_and_the_file_stays_as_it_is() {
        let place = Place::new();
        for size in [3, 7, 9] {
            place.add(size);
        }
        let (whole, file) = (place.text(), place.directory.path().join("checkpoints"));
        let add = |size| place.checkpoints.add(&tree(size), Some(root(9)));
        let shorter = whole.split_inclusive("\n\n").take(4).collect::<String>();
        for left in ["", "school.exam", "school.example\n9\n", &shorter] {
            place.write(left);
            for size in [9, 20] {
                assert!(matches!(add(size), Err(CheckpointError::Lost)), "{left}");
            }
            assert_eq!(place.text(), left);
        }
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(add(20), Err(CheckpointError::Lost)));
        assert!(!file.exists());
        // Nor where the last one is of as many events, and others.
        let others = Root {
            hash: Digest::of(b"others"),
            ..root(9)
        };
        place.write(&whole);
        let other = place.checkpoints.add(&tree(20), Some(others));
        assert!(matches!(other, Err(CheckpointError::Lost)));
        assert_eq!(place.text(), whole);

        assert_eq!(add(20).unwrap(), root(20));
        assert_eq!(place.sizes(), [3, 7, 9, 20]);
    }

    #[test]
    fn what_is_no_beginning_of_a_checkpoint_is_somebody_elses_and_stays() {
        let place = Place::new();
        for words in ["notes of a meeting\n", "school.example.org\n", "\0\0\0\0"] {
            place.write(words);
            let foreign = place.checkpoints.add(&tree(5), None).unwrap_err();
            assert!(matches!(foreign, CheckpointError::Foreign(_)), "{words}");
            assert_eq!(place.text(), words);
        }
    }

    #[test]
    fn nothing_is_signed_with_a_key_that_is_not_kept_or_into_the_file_of_another() {
        let place = Place::new();
        place.add(1);
        let other = SigningKey::random("school.example".parse().unwrap());
        place.give_key(&other, 0o640);
        let add = |size| place.checkpoints.add(&tree(size), None).unwrap_err();
        assert!(matches!(add(2), CheckpointError::KeyOpen));
        place.give_key(&other, 0o600);
        assert!(matches!(add(2), CheckpointError::Foreign(NoteError::Signature)));
        std::fs::remove_file(place.directory.path().join("key")).unwrap();
        assert!(matches!(add(2), CheckpointError::Key(_)));
        let nowhere = Checkpoints {
            file: None,
            key: None,
        };
        assert!(matches!(
            nowhere.add(&tree(1), None),
            Err(CheckpointError::NotSet)
        ));
    }
}
