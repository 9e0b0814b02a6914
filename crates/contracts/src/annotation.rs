//! Annotations as they cross a process boundary.

use domain::annotation::{Content, Ink};
use domain::geometry::InkPoint;
use domain::points::NotPoints;
use domain::prose::NotProse;
use domain::{Annotation, PageIndex, Points, Prose, Rectangle};

use crate::grading as pb;
use crate::parse::Fields;
use crate::problem::{FieldCode, Problem};

impl From<&Rectangle> for pb::Rectangle {
    fn from(area: &Rectangle) -> Self {
        let [x, y, w, h] = area.fractions();
        Self { x, y, w, h }
    }
}

/// What somebody has drawn.
#[must_use]
pub fn strokes(ink: &Ink) -> Vec<pb::Stroke> {
    let point = |point: &InkPoint| {
        let [x, y, pressure] = point.fractions();
        pb::InkPoint { x, y, pressure }
    };
    let stroke = |stroke: &Vec<InkPoint>| pb::Stroke {
        points: stroke.iter().map(point).collect(),
    };
    ink.strokes().iter().map(stroke).collect()
}

impl From<&Annotation> for pb::Annotation {
    /// Without the times, which are the store's.
    fn from(annotation: &Annotation) -> Self {
        let content = &annotation.content;
        Self {
            id: annotation.id.to_string(),
            copy_id: annotation.copy.to_string(),
            page_index: content.page.get().into(),
            rectangle: Some((&content.area).into()),
            kind: content.kind.to_string(),
            text: exposed(content.text.as_ref()),
            ink: strokes(&content.ink),
            score_delta: content
                .score_delta
                .map(|points| points.to_string())
                .unwrap_or_default(),
            question_id: content
                .question
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            version: annotation.version,
            created_by: annotation.by.to_string(),
            created_at: None,
            updated_at: None,
        }
    }
}

/// The text of something that somebody may have written, empty if they have not.
#[must_use]
pub fn exposed(text: Option<&Prose>) -> String {
    text.map(|prose| prose.expose().to_owned()).unwrap_or_default()
}

/// The content of a new annotation.
///
/// # Errors
/// Fields are missing or wrong.
pub fn content(request: &pb::CreateAnnotationRequest) -> Result<Content, Problem> {
    let mut fields = Fields::default();
    let page = page(&mut fields, request.page_index);
    let area = area(&mut fields, request.rectangle.as_ref());
    let kind = fields.parse("/kind", &request.kind);
    let text = prose(&mut fields, "/text", &request.text);
    let ink = ink(&mut fields, &request.ink);
    let score_delta = points(&mut fields, "/score_delta", &request.score_delta);
    let question = fields.parse_given("/question_id", &request.question_id);
    match (page, area, kind, text, ink, score_delta, question) {
        (Some(page), Some(area), Some(kind), Some(text), Some(ink), Some(score_delta), Some(question)) => {
            whole(Content {
                page,
                area,
                kind,
                text,
                ink,
                score_delta,
                question,
            })
        }
        _ => Err(fields.problem()),
    }
}

/// The content of an annotation after a change.
///
/// # Errors
/// Fields are wrong.
pub fn amended(before: &Content, request: &pb::UpdateAnnotationRequest) -> Result<Content, Problem> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    if let Some(index) = request.page_index {
        set(&mut after.page, page(&mut fields, index));
    }
    if let Some(rectangle) = &request.rectangle {
        set(&mut after.area, area(&mut fields, Some(rectangle)));
    }
    if let Some(kind) = &request.kind {
        set(&mut after.kind, fields.parse("/kind", kind));
    }
    if let Some(text) = &request.text {
        set(&mut after.text, prose(&mut fields, "/text", text));
    }
    if let Some(drawn) = &request.ink {
        set(&mut after.ink, ink(&mut fields, &drawn.strokes));
    }
    if let Some(delta) = &request.score_delta {
        set(&mut after.score_delta, points(&mut fields, "/score_delta", delta));
    }
    if let Some(question) = &request.question_id {
        set(&mut after.question, fields.parse_given("/question_id", question));
    }
    if fields.all_right() {
        whole(after)
    } else {
        Err(fields.problem())
    }
}

fn set<T>(part: &mut T, parsed: Option<T>) {
    if let Some(parsed) = parsed {
        *part = parsed;
    }
}

fn whole(content: Content) -> Result<Content, Problem> {
    if content.has_ink_as_its_kind_needs() {
        Ok(content)
    } else if content.ink.is_empty() {
        Err(Problem::field("/ink", FieldCode::Required))
    } else {
        Err(Problem::field("/ink", FieldCode::Malformed))
    }
}

fn page(fields: &mut Fields, index: u32) -> Option<PageIndex> {
    fields.check("/page_index", PageIndex::new(index), FieldCode::OutOfRange)
}

fn area(fields: &mut Fields, rectangle: Option<&pb::Rectangle>) -> Option<Rectangle> {
    let rectangle = fields.check("/rectangle", rectangle, FieldCode::Required)?;
    let area = Rectangle::from_fractions([rectangle.x, rectangle.y, rectangle.w, rectangle.h]);
    fields.check("/rectangle", area, FieldCode::OutOfRange)
}

fn ink(fields: &mut Fields, strokes: &[pb::Stroke]) -> Option<Ink> {
    let point = |point: &pb::InkPoint| InkPoint::from_fractions([point.x, point.y, point.pressure]);
    let stroke = |stroke: &pb::Stroke| stroke.points.iter().map(point).collect();
    let strokes: Option<Vec<Vec<InkPoint>>> = strokes.iter().map(stroke).collect();
    let strokes = fields.check("/ink", strokes, FieldCode::OutOfRange)?;
    fields.check("/ink", Ink::new(strokes), FieldCode::TooLong)
}

/// Text that may be left out: `Some(None)` if it is.
pub fn prose(fields: &mut Fields, pointer: &'static str, text: &str) -> Option<Option<Prose>> {
    match Prose::new(text) {
        Ok(prose) => Some(prose),
        Err(NotProse::TooLong) => fields.check(pointer, None, FieldCode::TooLong),
        Err(NotProse::Control) => fields.check(pointer, None, FieldCode::Malformed),
    }
}

/// Points that may be left out: `Some(None)` if they are.
pub fn points(fields: &mut Fields, pointer: &'static str, text: &str) -> Option<Option<Points>> {
    if text.is_empty() {
        return Some(None);
    }
    match text.parse() {
        Ok(points) => Some(Some(points)),
        Err(NotPoints::Malformed) => fields.check(pointer, None, FieldCode::Malformed),
        Err(NotPoints::NotAQuarter) => fields.check(pointer, None, FieldCode::NotAQuarter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> pb::CreateAnnotationRequest {
        pb::CreateAnnotationRequest {
            page_index: 1,
            rectangle: Some(pb::Rectangle {
                x: 0.1,
                y: 0.2,
                w: 0.3,
                h: 0.4,
            }),
            kind: "COMMENT".to_owned(),
            text: "Bien".to_owned(),
            score_delta: "-0.5".to_owned(),
            ..pb::CreateAnnotationRequest::default()
        }
    }

    fn pointers(outcome: Result<Content, Problem>) -> Vec<(String, String)> {
        let errors = outcome.err().map(|problem| problem.errors).unwrap_or_default();
        let told = errors
            .into_iter()
            .map(|error| (error.pointer.into_owned(), error.code.into_owned()));
        told.collect()
    }

    #[test]
    fn a_good_request_is_taken_and_only_what_is_sent_is_changed() {
        let before = content(&request()).unwrap();
        let change = pb::UpdateAnnotationRequest {
            text: Some(String::new()),
            ..pb::UpdateAnnotationRequest::default()
        };
        let after = amended(&before, &change).unwrap();
        assert!(after.text.is_none());
        assert_eq!((after.area, after.score_delta), (before.area, before.score_delta));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = pb::CreateAnnotationRequest {
            rectangle: None,
            kind: "SCRIBBLE".to_owned(),
            text: "x".repeat(Prose::MAX_CHARS + 1),
            score_delta: "0.1".to_owned(),
            ..request()
        };
        let expected = [
            ("/rectangle", "required"),
            ("/kind", "malformed"),
            ("/text", "too_long"),
            ("/score_delta", "not_a_quarter"),
        ];
        let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
        assert_eq!(pointers(content(&wrong)), expected);
    }

    #[test]
    fn ink_needs_lines_and_words_have_none() {
        let ink = pb::CreateAnnotationRequest {
            kind: "INK".to_owned(),
            ..request()
        };
        assert_eq!(
            pointers(content(&ink)),
            [("/ink".to_owned(), "required".to_owned())]
        );
    }
}
