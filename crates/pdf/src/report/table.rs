//! The table of questions: points and remarks, in the order of the marking scheme.

use domain::Points;

use super::sheets::{BODY, Cell, LEFT, RIGHT, STRONG, Sheets};
use crate::canvas::Style;
use crate::correction::{Correction, Question, out_of, written};

/// Where the points and the remarks begin.
const POINTS: f64 = LEFT + 170.0;
const REMARK: f64 = LEFT + 250.0;
const GAP: f64 = 8.0;
/// How much further right the questions of a group begin.
const INDENT: f64 = 12.0;
/// Groups within groups move to the right only so far.
const DEEPEST: f64 = 96.0;
/// No marking scheme has more groups within groups.
const LEVELS: usize = 64;

/// Writes the table, if there is anything to be in it.
pub(super) fn write(sheets: &mut Sheets<'_>, correction: &Correction) {
    let strangers = strangers(correction);
    if correction.questions.is_empty() && strangers.is_empty() {
        return;
    }
    sheets.heading("Questions");
    let heads = ["Question", "Points", "Remarque"].map(str::to_owned);
    sheets.begin_table(row([STRONG, STRONG], 0.0, heads));
    for question in &correction.questions {
        write_question(sheets, correction, question, (0.0, LEVELS));
    }
    for id in strangers {
        let points = score_of(correction, id).map_or_else(|| "\u{2013}".to_owned(), written);
        let texts = [id.to_owned(), points, remark_of(correction, id)];
        line(sheets, &row([BODY, BODY], 0.0, texts));
    }
    sheets.end_table();
}

fn write_question(
    sheets: &mut Sheets<'_>,
    correction: &Correction,
    question: &Question,
    (indent, levels): (f64, usize),
) {
    let points = total(correction, question, levels).map_or_else(|| "\u{2013}".to_owned(), written);
    let points = out_of(&points, question.max);
    let style = if question.children.is_empty() {
        BODY
    } else {
        STRONG
    };
    let remark = remark_of(correction, &question.id);
    line(
        sheets,
        &row([style, BODY], indent, [question.label.clone(), points, remark]),
    );
    if let Some(levels) = levels.checked_sub(1) {
        for child in &question.children {
            write_question(
                sheets,
                correction,
                child,
                ((indent + INDENT).min(DEEPEST), levels),
            );
        }
    }
}

fn line(sheets: &mut Sheets<'_>, cells: &[Cell]) {
    sheets.row(cells);
    sheets.rule();
}

/// The cells of a row: name and points in one style, the remark in another.
fn row([style, remark_style]: [Style; 2], indent: f64, texts: [String; 3]) -> Vec<Cell> {
    let [question, points, remark] = texts;
    vec![
        Cell {
            style,
            left: LEFT + indent,
            right: POINTS - GAP,
            text: question,
        },
        Cell {
            style,
            left: POINTS,
            right: REMARK - GAP,
            text: points,
        },
        Cell {
            style: remark_style,
            left: REMARK,
            right: RIGHT,
            text: remark,
        },
    ]
}

/// The points of a question, or of all questions of a group together; `None` if there are none yet.
fn total(correction: &Correction, question: &Question, levels: usize) -> Option<Points> {
    let own = score_of(correction, &question.id);
    let levels = levels.checked_sub(1)?;
    let below = question
        .children
        .iter()
        .filter_map(|child| total(correction, child, levels));
    own.into_iter().chain(below).reduce(|one, other| one + other)
}

fn score_of(correction: &Correction, id: &str) -> Option<Points> {
    let mut scores = correction.scores.iter();
    scores.find_map(|(question, points)| (question == id).then_some(*points))
}

fn remark_of(correction: &Correction, id: &str) -> String {
    let remarks = correction.remarks.iter().filter(|(question, _)| question == id);
    let remarks: Vec<&str> = remarks.map(|(_, text)| text.trim()).collect();
    remarks.join("\n")
}

/// What has points or a remark without being in the marking scheme. It is shown under its id rather than lost.
fn strangers(correction: &Correction) -> Vec<&str> {
    let scored = correction.scores.iter().map(|(id, _)| id.as_str());
    let remarked = correction.remarks.iter().map(|(id, _)| id.as_str());
    let mut found = Vec::new();
    for id in scored.chain(remarked) {
        if !found.contains(&id) && find(&correction.questions, id).is_none() {
            found.push(id);
        }
    }
    found
}

/// The question of this id.
pub(super) fn find<'a>(questions: &'a [Question], id: &str) -> Option<&'a Question> {
    let mut open: Vec<&Question> = questions.iter().collect();
    while let Some(question) = open.pop() {
        if question.id == id {
            return Some(question);
        }
        open.extend(&question.children);
    }
    None
}
