//! The files that the pages of a copy come from, as the input of a finalization names them.

use contracts::grading as pb;

/// The files in order. A copy that came in one is told in other words than one that was merged.
pub(crate) fn of(input: &pb::FinalizeInput) -> Vec<pb::Source> {
    if input.sources.is_empty() {
        vec![pb::Source {
            digest: input.source_digest.clone(),
            bytes: input.source_bytes,
            pages: input.source_pages.clone(),
        }]
    } else {
        input.sources.clone()
    }
}
