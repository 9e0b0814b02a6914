//! A marking scheme as its JSON column: a list of questions, each with points or parts.

use domain::scheme::{Question, QuestionLabel, Worth};
use domain::{MarkingScheme, Points};
use serde_json::{Map, Value, json};

use crate::columns::Table;
use crate::error::Error;

const EXAMS: Table = Table("exams");

/// The column.
pub(crate) fn column(scheme: &MarkingScheme) -> Value {
    questions(scheme.questions())
}

fn questions(questions: &[Question]) -> Value {
    questions.iter().map(question).collect()
}

fn question(question: &Question) -> Value {
    let mut stored = Map::new();
    stored.insert("id".to_owned(), json!(question.id.as_str()));
    stored.insert("label".to_owned(), json!(question.label.expose()));
    match &question.worth {
        Worth::Points(points) => stored.insert("quarters".to_owned(), json!(points.quarters())),
        Worth::Parts(parts) => stored.insert("parts".to_owned(), questions(parts)),
    };
    Value::Object(stored)
}

/// What a column describes.
pub(crate) fn restore(column: &Value) -> Result<MarkingScheme, Error> {
    let scheme = MarkingScheme::new(restored(column)?);
    scheme.map_err(|_not_a_scheme| EXAMS.corrupt())
}

fn restored(column: &Value) -> Result<Vec<Question>, Error> {
    let list = EXAMS.some(column.as_array())?;
    list.iter().map(restored_question).collect()
}

fn restored_question(stored: &Value) -> Result<Question, Error> {
    let text = |name: &str| EXAMS.some(stored.get(name).and_then(Value::as_str));
    let worth = match (stored.get("quarters"), stored.get("parts")) {
        (Some(quarters), None) => {
            let quarters = EXAMS.number(EXAMS.some(quarters.as_i64())?)?;
            Worth::Points(Points::from_quarters(quarters))
        }
        (None, Some(parts)) => Worth::Parts(restored(parts)?),
        _ => return Err(EXAMS.corrupt()),
    };
    Ok(Question {
        id: EXAMS.parse(text("id")?)?,
        label: EXAMS.some(QuestionLabel::new(text("label")?))?,
        worth,
    })
}
