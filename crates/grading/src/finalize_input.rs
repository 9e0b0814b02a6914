//! All that a worker needs to make the corrected document of a copy. The same copy gives the same input, and so the
//! same bytes.

use contracts::{Code, annotation, grading as pb, marks};
use domain::{BookletId, Copy, CopyId};
use store::Tx;

use crate::error::Error;

/// The input of a job that finalizes the copy.
pub(crate) fn read(tx: &mut Tx<'_>, copy: CopyId) -> Result<pb::FinalizeInput, Error> {
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    let exam = tx.exams().get(copy.exam)?.ok_or(Code::NotFound)?;
    let grading = copy.state.grading().ok_or(Code::WrongState)?;
    let given = tx.marks().of(copy.id)?;
    let annotations = tx.annotations().of(copy.id)?;
    let sources = sources(&copy, &tx.booklets().page_counts(copy.id)?);
    let (only, sources) = apart(sources);
    let pb::Source {
        digest: source_digest,
        bytes: source_bytes,
        pages: source_pages,
    } = only;
    Ok(pb::FinalizeInput {
        copy_id: copy.id.to_string(),
        source_digest,
        source_bytes,
        source_pages,
        sources,
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

/// The files of the copy in order. All of their pages are the copy's.
fn sources(copy: &Copy, page_counts: &[(BookletId, u16)]) -> Vec<pb::Source> {
    let booklets = copy.booklets.iter().zip(page_counts);
    booklets
        .map(|(booklet, (_id, pages))| pb::Source {
            digest: booklet.source.to_string(),
            bytes: booklet.size.bytes(),
            pages: (0..u32::from(*pages)).collect(),
        })
        .collect()
}

/// A single file is told as it was before copies could be merged, so that workers of that time know it.
fn apart(mut sources: Vec<pb::Source>) -> (pb::Source, Vec<pb::Source>) {
    if sources.len() > 1 {
        (pb::Source::default(), sources)
    } else {
        (sources.pop().unwrap_or_default(), Vec::new())
    }
}
