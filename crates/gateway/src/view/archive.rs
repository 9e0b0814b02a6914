//! Archives of corrected documents.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Job, time};

/// The corrected documents of a release in one file, or how far that is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Archive {
    #[schema(format = Uuid)]
    id: String,
    /// Which release of the exam it is of.
    number: u32,
    #[schema(required = true)]
    job: Option<Job>,
    /// How many documents are in it; null until it is made.
    #[schema(required = true)]
    copies: Option<u32>,
    /// How large it is; null until it is made.
    #[schema(required = true)]
    bytes: Option<u64>,
    #[schema(format = DateTime, required = true)]
    created_at: Option<String>,
    /// Until when it is kept; null until it is made.
    #[schema(format = DateTime, required = true)]
    expires_at: Option<String>,
}

impl From<pb::Archive> for Archive {
    fn from(archive: pb::Archive) -> Self {
        let file = archive.file.as_ref();
        Self {
            copies: file.map(|file| file.copies),
            bytes: file.map(|file| file.bytes),
            expires_at: file
                .and_then(|file| file.expires_at.as_ref())
                .and_then(time::text),
            id: archive.id,
            number: archive.number,
            job: archive.job.map(Job::from),
            created_at: archive.created_at.as_ref().and_then(time::text),
        }
    }
}
