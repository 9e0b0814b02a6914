//! What administrators added to the score or took away since the copy was corrected.

use super::sheets::{BODY, Sheets};
use super::table;
use crate::correction::{Correction, in_points};

/// Writes the list, if there is anything to be in it.
pub(super) fn write(sheets: &mut Sheets<'_>, correction: &Correction) {
    if correction.adjustments.is_empty() {
        return;
    }
    sheets.heading("Ajustements");
    for (question, delta) in &correction.adjustments {
        let about = match table::find(&correction.questions, question) {
            Some(found) => found.label.as_str(),
            None if question.is_empty() => "Ensemble de la copie",
            None => question.as_str(),
        };
        sheets.paragraph(BODY, 0.0, &format!("{about}\u{a0}: {}", in_points(*delta)));
    }
}
