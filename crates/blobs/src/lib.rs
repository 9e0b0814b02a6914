//! Objects by the digest of their content: scans, page images, final PDFs.
//!
//! ```text
//! <directory>/sha256/ab/cd/abcd…   an object, under its final name only when it is whole and on the disk
//! <directory>/incoming/…           an upload under way, under a random name
//! <directory>/swept/abcd…          an object that the sweeper is about to delete
//! ```
//!
//! In a bucket of a storage that speaks S3 objects have the same names; uploads under way are files without a name in
//! the directory.
//!
//! - [`Blobs`] reads and writes; what is read is checked against its digest.
//! - [`Upload`] takes an object in pieces, in constant memory.
//! - [`Blobs::copy_into`] takes an object to another store, for backups.
//! - [`sweep`] deletes what nobody refers to any more.
//!
//! Architecture invariant: an object is never changed. What it is, and who refers to it, is not known here.

mod bucket;
mod clock;
mod config;
mod disk;
mod download;
mod error;
mod https;
mod name;
mod reader;
mod settings;
mod storage;
mod store;
mod sweep;
mod transfer;
mod upload;

pub use clock::clock;
pub use config::{Config, S3};
pub use error::Error;
pub use name::object_name;
pub use settings::{Settings, Unclear};
pub use store::{Blobs, Room, Stored};
pub use sweep::{SweepRules, Swept, sweep};
pub use upload::Upload;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;
