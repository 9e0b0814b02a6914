//! PDF in, page images or a corrected PDF out: opens a document within limits, tells the size of its pages, paints
//! them, and binds them with what correctors gave them.
//!
//! Pure and synchronous: bytes in, bytes out. Nothing here reads a file, a clock or a setting, starts a
//! thread or logs. A document is opened by [`Source`], and only there.
//!
//! Conservation: a source yields exactly one page for every page of the document, in order, or it does not open.
//! A page is never skipped and never replaced by an empty one.
//!
//! Architecture invariant: this crate bounds what it can bound in advance (pages, pixels, decoded bytes). A
//! hostile document can still make the engine below it run for long, take much memory or panic, so a service
//! calls this crate in a child process with limits, never in its own.

mod batch;
mod canvas;
mod carry;
mod content;
mod corrected;
mod correction;
mod document;
mod encode;
mod error;
mod geometry;
mod jpeg;
mod layers;
mod limits;
mod look;
mod number;
mod operators;
mod original;
mod output;
mod overlay;
mod page;
mod paint;
mod picture;
mod raster;
mod rendering;
mod report;
mod scan;
mod source;
mod text;
mod tree;

pub use batch::{Batch, Booklet};
pub use corrected::Corrected;
pub use correction::{Annotation, Correction, InkPoint, Kind, Place, Question, SourcePage};
pub use document::Document;
pub use encode::Encoded;
pub use error::Error;
pub use limits::Limits;
pub use page::{PageImages, PageInfo};
pub use rendering::Rendering;
pub use source::Source;
