//! What a backup says of itself: one JSON object, and beside it the digest of that, in the form that `sha256sum --check`
//! reads.

use domain::audit::Root;
use domain::{Digest, Timestamp};
use serde_json::{Value, json};

/// The version of the format.
const FORMAT: u64 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The version of Korrigo that took it.
    pub korrigo: String,
    /// The moment that it is of, by the clock of the database.
    pub taken_at: Timestamp,
    /// The migrations of its schema.
    pub schema: Vec<String>,
    /// How many copies.
    pub copies: u64,
    /// How many events.
    pub events: u64,
    /// The tree over the events that had their leaf.
    pub tree: Root,
    /// The last checkpoint at that moment, if it was known.
    pub checkpoint: Option<String>,
    /// The dump of the database.
    pub dump: Whole,
    /// The list of the files.
    pub list: Whole,
    /// How many files.
    pub blobs: u64,
    /// How many bytes they have together.
    pub blob_bytes: u64,
}

/// A file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Its digest.
    pub digest: Digest,
    /// How many bytes.
    pub bytes: u64,
}

/// A manifest under its own digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What it says.
    pub manifest: Manifest,
    /// The digest of its file. Kept elsewhere, it tells this backup from any other.
    pub digest: Digest,
}

impl Manifest {
    /// The text of its file.
    #[must_use]
    pub fn write(&self) -> String {
        let whole = |whole: Whole| json!({ "sha256": whole.digest.to_string(), "bytes": whole.bytes });
        let value = json!({
            "format": FORMAT,
            "korrigo": self.korrigo,
            "taken_at_microseconds": self.taken_at.timestamp_micros(),
            "schema": self.schema,
            "copies": self.copies,
            "events": self.events,
            "tree": { "size": self.tree.size, "root": self.tree.hash.to_string() },
            "checkpoint": self.checkpoint,
            "dump": whole(self.dump),
            "list": whole(self.list),
            "blobs": self.blobs,
            "blob_bytes": self.blob_bytes,
        });
        format!("{value:#}\n")
    }

    /// The manifest whose file has this text; `None` if none has.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let number = |name: &str| value.get(name)?.as_u64();
        let whole = |name: &str| {
            let value = value.get(name)?;
            Some(Whole {
                digest: digest(value, "sha256")?,
                bytes: value.get("bytes")?.as_u64()?,
            })
        };
        let schema = value.get("schema")?.as_array()?.iter();
        let tree = value.get("tree")?;
        let manifest = Self {
            korrigo: value.get("korrigo")?.as_str()?.to_owned(),
            taken_at: Timestamp::from_timestamp_micros(value.get("taken_at_microseconds")?.as_i64()?)?,
            schema: schema
                .map(|version| version.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            copies: number("copies")?,
            events: number("events")?,
            tree: Root {
                size: tree.get("size")?.as_u64()?,
                hash: digest(tree, "root")?,
            },
            checkpoint: value.get("checkpoint")?.as_str().map(str::to_owned),
            dump: whole("dump")?,
            list: whole("list")?,
            blobs: number("blobs")?,
            blob_bytes: number("blob_bytes")?,
        };
        // There is one way to write it, so another format is none either.
        (manifest.write() == text).then_some(manifest)
    }
}

fn digest(value: &Value, name: &str) -> Option<Digest> {
    value.get(name)?.as_str()?.parse().ok()
}

/// A manifest for tests.
#[cfg(test)]
pub(super) fn sample() -> Manifest {
    let whole = Whole {
        digest: Digest::of(b"whole"),
        bytes: 5,
    };
    Manifest {
        korrigo: "0.1.0".to_owned(),
        taken_at: Timestamp::UNIX_EPOCH,
        schema: vec!["0001".to_owned(), "0002".to_owned()],
        copies: 3,
        events: 15,
        tree: Root {
            size: 14,
            hash: Digest::of(b"tree"),
        },
        checkpoint: Some("school.example\n14\n".to_owned()),
        dump: whole,
        list: whole,
        blobs: 9,
        blob_bytes: 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_another_spelling_or_format_is_none() {
        let manifest = Manifest {
            taken_at: Timestamp::from_timestamp_micros(1_900_000_000_000_001).unwrap(),
            ..sample()
        };
        let without = Manifest {
            checkpoint: None,
            ..sample()
        };
        for manifest in [&manifest, &without] {
            assert_eq!(Manifest::read(&manifest.write()).as_ref(), Some(manifest));
        }
        let text = manifest.write();
        for other in [
            text.replace("\"format\": 1", "\"format\": 2"),
            text.replace('\n', ""),
            text.replace("\"copies\": 3", "\"copies\": 3, \"more\": 1"),
            text.replace("\"copies\": 3,", ""),
        ] {
            assert_eq!(Manifest::read(&other), None, "{other}");
        }
    }
}
