//! All that a worker needs to make the corrected document of a copy. The same copy gives the same input, and so the
//! same bytes.

use contracts::{Code, annotation, grading as pb, marks};
use domain::{Copy, CopyId};
use store::Tx;

use crate::error::Error;

/// The input of a job that finalizes the copy.
pub(crate) fn read(tx: &mut Tx<'_>, copy: CopyId) -> Result<pb::FinalizeInput, Error> {
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    let exam = tx.exams().get(copy.exam)?.ok_or(Code::NotFound)?;
    let grading = copy.state.grading().ok_or(Code::WrongState)?;
    let given = tx.marks().of(copy.id)?;
    let annotations = tx.annotations().of(copy.id)?;
    Ok(pb::FinalizeInput {
        copy_id: copy.id.to_string(),
        source_digest: copy.booklet.source.to_string(),
        source_bytes: copy.booklet.size.bytes(),
        source_pages: source_pages(&copy),
        anonymous_id: copy.anonymous_id.as_str().to_owned(),
        identity_zone: exam.identity_zone.map(Into::into),
        score: grading.score.to_string(),
        max: grading.max.to_string(),
        scheme: exam.scheme.as_ref().map(Into::into),
        scores: marks::scores(&given),
        remarks: marks::remarks(&given),
        appreciation: annotation::exposed(given.appreciation.as_ref()),
        annotations: annotations
            .iter()
            .map(|found| (&found.annotation).into())
            .collect(),
        adjustments: marks::adjustments(&given),
    })
}

/// A copy that came in a file of its own has all its pages.
fn source_pages(copy: &Copy) -> Vec<u32> {
    let pages = copy.state.pages().map_or(0, |pages| u32::from(pages.get()));
    (0..pages).collect()
}
