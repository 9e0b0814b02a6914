//! Just enough JPEG to pass a scanner's picture on: what its header says, a small version of it, and the same file
//! without what it should not carry along.
//!
//! What is odd, arithmetic or progressive is left to a complete decoder.

mod bits;
mod clean;
mod full;
mod header;
mod huffman;
mod plane;
mod small;

pub(crate) use clean::without_metadata;
pub(crate) use full::full;
pub(crate) use header::Header;
pub(crate) use small::thumbnail;
