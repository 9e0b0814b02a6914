//! What was written on the pages, in full, under the numbers that stand there.

use domain::Points;

use super::sheets::{BODY, Sheets};
use super::table;
use crate::correction::{Annotation, Correction, in_points};
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
        sheets.entry(&head(correction, *number, annotation), INDENT, &annotation.text);
        sheets.space(3.0);
    }
    let deltas = listed.iter().filter_map(|(_, annotation)| annotation.delta);
    if let Some(sum) = deltas.reduce(|one: Points, other| one + other) {
        sheets.paragraph(
            BODY,
            0.0,
            &format!("Total des annotations\u{a0}: {}", in_points(sum)),
        );
    }
}

/// Where the annotation is, what it is, what it is about, and what it is worth.
fn head(correction: &Correction, number: u32, annotation: &Annotation) -> String {
    let mut parts = vec![
        format!("n°\u{a0}{number}"),
        format!("page\u{a0}{}", u64::from(annotation.page) + 1),
        annotation.kind.label().to_owned(),
    ];
    if !annotation.question.is_empty() {
        let question = table::find(&correction.questions, &annotation.question);
        let label = question.map_or(annotation.question.as_str(), |question| question.label.as_str());
        // What is only a number would not say what it is.
        parts.push(
            if label.starts_with(|character: char| character.is_ascii_digit()) {
                format!("question\u{a0}{label}")
            } else {
                label.to_owned()
            },
        );
    }
    parts.extend(annotation.delta.map(in_points));
    parts.join(" · ")
}
