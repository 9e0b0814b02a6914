//! What was written on the pages, in full, under the numbers that stand there.

use domain::Points;

use super::sheets::{BODY, STRONG, Sheets};
use super::table;
use crate::correction::{Correction, signed};
use crate::overlay::Numbered;

const INDENT: f64 = 14.0;

/// Writes the list, if there is anything to be in it.
pub(super) fn write(sheets: &mut Sheets<'_>, correction: &Correction, numbered: &[Numbered<'_>]) {
    let listed = numbered
        .iter()
        .filter_map(|numbered| numbered.number.map(|number| (number, numbered.annotation)));
    let listed: Vec<_> = listed.collect();
    if listed.is_empty() {
        return;
    }
    sheets.heading("Annotations");
    for (number, annotation) in &listed {
        let mut head = format!(
            "n°{number}  Page {}  {}",
            u64::from(annotation.page) + 1,
            annotation.kind.label()
        );
        if !annotation.question.is_empty() {
            let question = table::find(&correction.questions, &annotation.question);
            let label = question.map_or(annotation.question.as_str(), |question| question.label.as_str());
            head.extend(["  Question ", label]);
        }
        if let Some(delta) = annotation.delta {
            head.extend(["  ", &signed(delta)]);
        }
        sheets.paragraph(STRONG, 0.0, &head);
        if !annotation.text.trim().is_empty() {
            sheets.paragraph(BODY, INDENT, &annotation.text);
        }
        sheets.space(3.0);
    }
    let deltas = listed.iter().filter_map(|(_, annotation)| annotation.delta);
    if let Some(sum) = deltas.reduce(|one: Points, other| one + other) {
        sheets.paragraph(BODY, 0.0, &format!("Points des annotations : {}", signed(sum)));
    }
}
