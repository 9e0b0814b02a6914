//! Backups: the database and the files that it refers to, as they were at one moment, and the way back.
//!
//! ```text
//! <directory>/database.dump     what `pg_dump` wrote of the schema
//! <directory>/blobs/…           the files, by the same names as in the store
//! <directory>/blobs.list        a line for each of them: digest and size
//! <directory>/manifest.sha256   the digest of the manifest
//! <directory>/manifest.json     what there is, written last: without it, it is no backup
//! ```
//!
//! The moment is a snapshot of the database. The files are copied after it: they are never changed, only an erasure takes
//! references back, and the sweeper only deletes what has none, and that only when it is old enough. So those that the snapshot
//! refers to are still there, but for what is erased and swept meanwhile: then the backup is refused, and taken again.
//!
//! What a backup is not: a secret (it has everything that the database has, so it is kept as safe), and a continuous
//! archive (what came after it is lost).

mod checkpoints;
mod dump;
mod error;
mod files;
mod manifest;
mod people;
mod restore;
mod take;
mod verify;

pub use checkpoints::Outside;
pub use dump::Tools;
pub use error::Error;
pub use manifest::{Manifest, Sealed, Whole};
pub use restore::{Plan, Recorded, Restored, restore};
pub use take::{Source, take};
pub use verify::verify;
