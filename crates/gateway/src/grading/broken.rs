//! Tells a connection that broke from an answer.

use std::error::Error;

use tonic::{ConnectError, Status, TimeoutExpired};

/// How a call failed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// There was no connection: the call never left.
    BeforeSending,
    /// The connection broke under the call: nobody knows what became of it.
    Underway,
}

impl Broken {
    /// How the call behind `status` broke; `None` for an answer of the other side, or a deadline.
    pub(super) fn of(status: &Status) -> Option<Self> {
        // Only a status that was made on this side has a source.
        let mut cause = status.source()?;
        loop {
            if cause.is::<ConnectError>() {
                return Some(Self::BeforeSending);
            }
            if cause.is::<TimeoutExpired>() {
                return None;
            }
            match cause.source() {
                Some(deeper) => cause = deeper,
                None => return Some(Self::Underway),
            }
        }
    }
}
