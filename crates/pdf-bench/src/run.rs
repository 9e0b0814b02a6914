//! What a run reports.

use serde::Serialize;

/// The outcome of a run; its peer reports the same.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) pages: u32,
    pub(crate) bytes: usize,
    /// What came out, where it is one document: for looking at it.
    #[serde(skip)]
    pub(crate) document: Vec<u8>,
}
