//! The corrected document, and the one that does not show who wrote the copy.

use std::fs;

use contracts::grading as pb;
use domain::{FailureCode, IdentityZone};
use pdf::Corrected;
use prost::Message as _;

use super::correction;
use super::work::{open_source, rendering, tell, write_document};
use crate::originals;
use crate::sandbox::protocol::{ANONYMOUS, CORRECTION, DOCUMENT, Line, Order};

/// Writes the documents. Returns the last line.
pub(super) fn documents(order: &Order) -> Result<Line, FailureCode> {
    let input = fs::read(CORRECTION).map_err(|_cause| FailureCode::Unknown)?;
    let input = pb::FinalizeInput::decode(&*input).map_err(|_cause| FailureCode::Unknown)?;
    let correction = correction::read(&input).ok_or(FailureCode::Unknown)?;
    let zone = input.identity_zone.as_ref().map(IdentityZone::try_from);
    let zone = zone.transpose().map_err(|()| FailureCode::Unknown)?;

    let sources = (0..originals::of(&input).len()).map(|index| open_source(order, index));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let corrected = Corrected::new(&sources, &correction).map_err(pdf::Error::failure_code)?;
    tell(&Line::Opened {
        pages: u32::try_from(correction.pages.len()).map_err(|_cause| FailureCode::Unknown)?,
    })?;
    let document = corrected.document().map_err(pdf::Error::failure_code)?;
    write_document(DOCUMENT, &document)?;
    let pages = document.pages;
    // Where pages had to be painted, the second document is as large as the first; both at once are not needed.
    drop(document);
    let anonymous = zone.map(|zone| corrected.anonymous(&zone, &rendering(order)));
    let anonymous = anonymous.transpose().map_err(pdf::Error::failure_code)?;
    if let Some(anonymous) = &anonymous {
        write_document(ANONYMOUS, anonymous)?;
    }
    Ok(Line::Corrected {
        pages,
        anonymous: anonymous.map(|document| document.pages),
    })
}
