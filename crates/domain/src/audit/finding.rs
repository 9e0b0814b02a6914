//! What verification can find. The names are a closed set.

use std::fmt;
use std::ops::Range;

use crate::audit::Subject;
use crate::ids::TrailId;

closed_names! {
    /// How the trail differs from what was written.
    Tampering {
        /// An event, or what its leaf says of it, was changed.
        Edited = "edited",
        /// The first event of a trail is gone.
        MissingFirst = "missing_first",
        /// An event between others is gone.
        MissingMiddle = "missing_middle",
        /// The last event of a trail is gone.
        MissingLast = "missing_last",
        /// Two events of a trail stand in each other's place.
        Swapped = "swapped",
        /// An event is there that was never written.
        Inserted = "inserted",
        /// A chain fits together and is not the one that was written: the tree differs.
        ChainRewritten = "chain_rewritten",
        /// The row of the copy, or of the person, says that the trail ends elsewhere.
        HeadMoved = "head_moved",
        /// An event was never put into the tree.
        OutsideTree = "outside_tree",
        /// There were more events when a checkpoint was written.
        OlderThanCheckpoint = "older_than_checkpoint",
        /// What checkpoints vouched for last is not among them any more.
        CheckpointsLost = "checkpoints_lost",
        /// A checkpoint is torn, altered, or signed by somebody else.
        BadSignature = "bad_signature",
        /// A line of an export cannot be read.
        Unreadable = "unreadable",
    }
}

/// What was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Tampering,
    /// Where.
    pub place: Place,
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At an event: of which copy or person, and its place in the trail.
    Event(Subject, i64),
    /// At the place of an event in a trail of which nobody knows any more whose it was.
    Trail(TrailId, i64),
    /// Among these leaves of the tree.
    Leaves(Range<u64>),
    /// In the checkpoint of this number, counted from one.
    Checkpoint(u64),
    /// In the line of this number, counted from one.
    Line(u64),
}

impl Place {
    /// The place of an event in this trail, which is known to be of this copy or person.
    #[must_use]
    pub fn in_trail(trail: TrailId, subject: Option<Subject>, seq: i64) -> Self {
        subject.map_or(Self::Trail(trail, seq), |subject| Self::Event(subject, seq))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind;
        match &self.place {
            Place::Event(Subject::Copy(copy), seq) => write!(f, "copy {copy}, event {seq}: {kind}"),
            Place::Event(Subject::User(user), seq) => write!(f, "person {user}, event {seq}: {kind}"),
            Place::Trail(trail, seq) => write!(f, "trail {trail} of nobody, event {seq}: {kind}"),
            Place::Leaves(Range { start, end }) => write!(f, "leaves {start} to {end} of the tree: {kind}"),
            Place::Checkpoint(number) => write!(f, "checkpoint {number}: {kind}"),
            Place::Line(number) => write!(f, "line {number}: {kind}"),
        }
    }
}
