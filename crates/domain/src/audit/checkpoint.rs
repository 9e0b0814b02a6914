//! Checkpoints: signed notes about the whole tree, kept where whoever rules the database does not
//! (`c2sp.org/tlog-checkpoint`).

use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::audit::finding::{Finding, Place, Tampering};
use crate::audit::note::{NoteError, SigningKey, VerifyingKey};
use crate::audit::proof::Root;
use crate::digest::Digest;

/// A checkpoint of this tree. Its origin is the name of the key.
#[must_use]
pub fn checkpoint(root: Root, key: &SigningKey) -> String {
    key.sign(&text(root, key.public().name().as_str()))
}

/// The tree that a checkpoint vouches for, if the holder of this key signed it.
pub fn open_checkpoint(note: &str, key: &VerifyingKey) -> Result<Root, NoteError> {
    let signed = key.open(note)?;
    let mut lines = signed.lines().skip(1);
    let size = lines.next().and_then(|size| size.parse().ok());
    let hash = lines
        .next()
        .and_then(|hash| BASE64.decode(hash).ok())
        .and_then(|hash| Digest::try_from(hash.as_slice()).ok());
    let (Some(size), Some(hash)) = (size, hash) else {
        return Err(NoteError::Form);
    };
    let root = Root { size, hash };
    // Nothing but this: no other origin, no further lines, no second way to write a number.
    if text(root, key.name().as_str()) == signed {
        Ok(root)
    } else {
        Err(NoteError::Form)
    }
}

fn text(root: Root, origin: &str) -> String {
    let Root { size, hash } = root;
    format!("{origin}\n{size}\n{}\n", BASE64.encode(hash.as_bytes()))
}

/// The trees that the checkpoints of a file vouch for, or the first one that is not signed with this key.
pub fn checkpoint_roots(reader: impl BufRead, key: &VerifyingKey) -> io::Result<Result<Vec<Root>, Finding>> {
    let mut roots = Vec::new();
    for (note, number) in Notes::new(reader).zip(1..) {
        match open_checkpoint(&note?, key) {
            Ok(root) => roots.push(root),
            Err(NoteError::Form | NoteError::Signature | NoteError::Key) => {
                return Ok(Err(Finding {
                    kind: Tampering::BadSignature,
                    place: Place::Checkpoint(number),
                }));
            }
        }
    }
    Ok(Ok(roots))
}

/// The notes of a file of checkpoints: one after the other, with an empty line between them.
#[derive(Debug)]
pub struct Notes<R> {
    reader: R,
}

impl<R: BufRead> Notes<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader }
    }

    fn next_note(&mut self) -> io::Result<Option<String>> {
        let (mut note, mut paragraphs) = (Vec::new(), 0);
        // A note is two paragraphs, its text and its signature.
        while paragraphs < 2 {
            let start = note.len();
            if self.reader.read_until(b'\n', &mut note)? == 0 {
                break;
            }
            if note.get(start..) == Some(b"\n") {
                paragraphs += 1;
            }
        }
        if paragraphs == 2 {
            note.pop();
        }
        // What is not text is nothing that was signed.
        Ok((!note.is_empty()).then(|| String::from_utf8_lossy(&note).into_owned()))
    }
}

impl<R: BufRead> Iterator for Notes<R> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_note().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::random("school.example/korrigo".parse().unwrap())
    }

    fn root(size: u64) -> Root {
        Root {
            size,
            hash: Digest::of(&size.to_be_bytes()),
        }
    }

    #[test]
    fn a_checkpoint_says_origin_size_and_root_and_reads_back() {
        let key = key();
        let note = checkpoint(root(7), &key);
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[..2], ["school.example/korrigo", "7"]);
        assert_eq!((lines[2].len(), lines[3]), (44, ""));
        assert!(lines[4].starts_with("\u{2014} school.example/korrigo "));
        assert_eq!(open_checkpoint(&note, &key.public()), Ok(root(7)));
    }

    #[test]
    fn what_is_signed_and_says_something_else_is_no_checkpoint() {
        let key = key();
        let good = text(root(7), "school.example/korrigo");
        for other in [
            good.replace("\n7\n", "\n07\n"),
            good.replace("\n7\n", "\n-7\n"),
            good.replace("school", "other"),
            format!("{good}more\n"),
            "\n".to_owned(),
        ] {
            let note = key.sign(&other);
            assert_eq!(
                open_checkpoint(&note, &key.public()),
                Err(NoteError::Form),
                "{other}"
            );
        }
    }

    #[test]
    fn notes_of_a_file_come_one_by_one_and_a_torn_one_is_not_passed_over() {
        let key = key();
        let notes = [1, 2, 3].map(|size| checkpoint(root(size), &key));
        let mut file = notes.join("\n");
        let read: Vec<String> = Notes::new(file.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(read, notes);
        let trees = checkpoint_roots(file.as_bytes(), &key.public()).unwrap();
        assert_eq!(trees, Ok(vec![root(1), root(2), root(3)]));
        file.truncate(file.len() - 5);
        let torn = checkpoint_roots(file.as_bytes(), &key.public()).unwrap();
        assert_eq!(torn.unwrap_err().place, Place::Checkpoint(3));
        let read: Vec<String> = Notes::new(file.as_bytes()).map(Result::unwrap).collect();
        let opened: Vec<bool> = read
            .iter()
            .map(|note| open_checkpoint(note, &key.public()).is_ok())
            .collect();
        assert_eq!(opened, [true, true, false]);
        assert_eq!(Notes::new(&b""[..]).count(), 0);
    }
}
