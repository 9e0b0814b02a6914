//! The child's side of the sandbox: one process, one document, no way out.
//!
//! [`main`] is called before anything else of the worker starts. It takes its order from its argument, gives up
//! every right it does not need, opens `input.pdf` in its directory, writes the image files of every page, the
//! booklets of a scan, or a corrected document, and says so line by line (see [`crate::sandbox`]).
//!
//! To read what is written in an image, it confines itself in another way and becomes Tesseract: that program gets the image
//! and a pipe, may load itself, its libraries and its languages, and may open nothing else.
//!
//! Deliberately absent: a runtime, telemetry, settings, threads. What is not there cannot be used against us.

mod calls;
mod confine;
mod correction;
mod files;
mod finalize;
mod import;
mod limits;
mod main;
mod read;
mod split;
mod trial;
mod work;

pub use main::main;
