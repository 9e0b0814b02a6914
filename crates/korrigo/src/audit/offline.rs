//! Verifies an export without the database: every chain, every leaf, the tree, and the signature over it.

use std::collections::HashMap;
use std::io::{self, BufRead};

use domain::audit::{
    Finding, Frontier, GENESIS, Link, Place, Root, Subject, Tampering, VerifyingKey, hash, open_checkpoint,
};
use domain::{Digest, TrailId};
use store::Verified;

use contracts::audit_export::{Export, Header, Line};

/// How far a verification is, in words.
#[must_use]
pub fn how_far(so_far: &Verified) -> String {
    format!("{} events and {} leaves verified", so_far.events, so_far.leaves)
}

/// Verifies an export with this key, and against the trees of other checkpoints as far as it reaches. It keeps of
/// each trail its end and whose it is, and nothing else.
pub fn verify_export(reader: impl BufRead, key: &VerifyingKey, checkpoints: &[Root]) -> io::Result<Verified> {
    let mut reading = Reading {
        key,
        checkpoints,
        stage: Stage::Header,
        trails: HashMap::new(),
        frontier: Frontier::default(),
        agreed: 0,
    };
    let mut number = 0;
    let mut finding = None;
    for line in reader.split(b'\n') {
        number += 1;
        let line = String::from_utf8(line?).ok();
        let line = line.and_then(|line| Line::read(&line));
        finding = match line {
            Some(line) => reading.take(line, number).err(),
            None => Some(unreadable(number)),
        };
        if finding.is_some() {
            break;
        }
    }
    let finding = finding.or_else(|| (reading.stage != Stage::End).then(|| unreadable(number + 1)));
    let of = |is: fn(&Subject) -> bool| {
        let subjects = reading.trails.values().filter_map(|trail| trail.whose);
        u64::try_from(subjects.filter(is).count()).unwrap_or(u64::MAX)
    };
    Ok(Verified {
        copies: of(|subject| matches!(subject, Subject::Copy(_))),
        people: of(|subject| matches!(subject, Subject::User(_))),
        events: reading.frontier.size(),
        leaves: reading.frontier.size(),
        checkpoints: reading.agreed,
        finding,
    })
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Header,
    /// So many events.
    Events(u64),
    Key,
    End,
}

struct Reading<'a> {
    key: &'a VerifyingKey,
    checkpoints: &'a [Root],
    stage: Stage,
    trails: HashMap<TrailId, Trail>,
    frontier: Frontier,
    /// How many checkpoints agreed.
    agreed: u64,
}

/// What was read of a trail.
#[derive(Clone, Copy)]
struct Trail {
    end: Link,
    /// As its first event says: a later one may have been altered.
    whose: Option<Subject>,
}

impl Reading<'_> {
    fn take(&mut self, line: Line, number: u64) -> Result<(), Finding> {
        match (&self.stage, line) {
            (Stage::Header, Line::Header(header)) => self.header(&header, number),
            (Stage::Events(_), Line::Event(export)) => self.event(&export),
            (Stage::Events(size), Line::Checkpoint(note)) => {
                let size = *size;
                self.checkpoint(&note, size)
            }
            (Stage::Key, Line::Key(key)) => self.public_key(&key),
            (Stage::Header | Stage::Events(_) | Stage::Key | Stage::End, _) => Err(unreadable(number)),
        }
    }

    fn header(&mut self, header: &Header, number: u64) -> Result<(), Finding> {
        if header.origin != self.key.name().as_str() {
            return Err(unreadable(number));
        }
        self.stage = Stage::Events(header.size);
        self.compare()
    }

    fn event(&mut self, export: &Export) -> Result<(), Finding> {
        let event = &export.event;
        let known = self.trails.get(&event.trail).copied();
        let Trail { end: last, whose } = known.unwrap_or_else(|| Trail {
            end: Link {
                seq: 0,
                head: Digest::from(GENESIS),
            },
            whose: event.subject(),
        });
        let next = last.seq + 1;
        let at = |seq, kind| Finding {
            kind,
            place: Place::in_trail(event.trail, whose, seq),
        };
        if event.seq > next {
            return Err(at(next, missing(last.seq)));
        }
        if event.seq < next {
            return Err(at(event.seq, Tampering::Inserted));
        }
        if event.hash != hash(event) || export.leaf != export.expected_leaf() {
            return Err(at(next, Tampering::Edited));
        }
        if event.prev != last.head {
            return Err(at(next, Tampering::ChainRewritten));
        }
        if export.position != self.frontier.size() {
            return Err(at(next, missing(i64::from(self.frontier.size() > 0))));
        }
        let end = Link {
            seq: next,
            head: event.hash,
        };
        self.trails.insert(event.trail, Trail { end, whose });
        self.frontier.push(export.leaf);
        self.compare()
    }

    /// Compares the tree so far with the checkpoints of its size.
    fn compare(&mut self) -> Result<(), Finding> {
        let size = self.frontier.size();
        for root in self.checkpoints.iter().filter(|root| root.size == size) {
            if root.hash != self.frontier.root() {
                return Err(differs(size));
            }
            self.agreed += 1;
        }
        Ok(())
    }

    fn checkpoint(&mut self, note: &str, expected: u64) -> Result<(), Finding> {
        let bad = Finding {
            kind: Tampering::BadSignature,
            place: Place::Checkpoint(1),
        };
        let root = open_checkpoint(note, self.key).map_err(|_altered| bad)?;
        let size = self.frontier.size();
        let kind = if size < root.size {
            Tampering::MissingLast
        } else if size > root.size {
            Tampering::Inserted
        } else if root.hash != self.frontier.root() || expected != size {
            Tampering::ChainRewritten
        } else {
            self.agreed += 1;
            self.stage = Stage::Key;
            return Ok(());
        };
        Err(Finding {
            kind,
            place: Place::Leaves(size.min(root.size)..size.max(root.size)),
        })
    }

    /// The key of the export has to be the one that was brought: an export does not vouch for itself.
    fn public_key(&mut self, key: &str) -> Result<(), Finding> {
        if key == self.key.to_string() {
            self.stage = Stage::End;
            Ok(())
        } else {
            Err(Finding {
                kind: Tampering::BadSignature,
                place: Place::Checkpoint(1),
            })
        }
    }
}

fn missing(last: i64) -> Tampering {
    if last == 0 {
        Tampering::MissingFirst
    } else {
        Tampering::MissingMiddle
    }
}

fn differs(size: u64) -> Finding {
    Finding {
        kind: Tampering::ChainRewritten,
        place: Place::Leaves(0..size),
    }
}

fn unreadable(line: u64) -> Finding {
    Finding {
        kind: Tampering::Unreadable,
        place: Place::Line(line),
    }
}
