//! What is measured of a job when it has its outcome.

use std::time::Duration;

use contracts::grading as pb;
use serde::{Deserialize, Serialize};
use telemetry::metrics::{self, Finish};

/// What is measured of a job when it has its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Import,
    /// With the number of the attempt, counted from 1.
    Finalize(u16),
    Split,
    Read,
    Archive,
    Unknown,
}

impl Kind {
    pub(crate) fn of(granted: &pb::Granted) -> Self {
        match granted.input {
            Some(pb::granted::Input::Import(_)) => Self::Import,
            Some(pb::granted::Input::Finalize(_)) => {
                Self::Finalize(u16::try_from(granted.attempt).unwrap_or(u16::MAX))
            }
            Some(pb::granted::Input::Split(_)) => Self::Split,
            Some(pb::granted::Input::Read(_)) => Self::Read,
            Some(pb::granted::Input::Archive(_)) => Self::Archive,
            None => Self::Unknown,
        }
    }

    pub(crate) fn finished(self, finish: Finish, pages: u32, duration: Duration) {
        match self {
            Self::Import => metrics::import_finished(finish, pages, duration),
            Self::Finalize(attempt) => metrics::finalize_finished(finish, attempt, duration),
            Self::Split => metrics::split_finished(finish, pages, duration),
            Self::Read => metrics::reading_finished(finish, duration),
            // What the ends of all jobs are counted by is enough.
            Self::Archive | Self::Unknown => {}
        }
    }
}
