//! From the contract's words to those of the engine.

use contracts::grading as pb;
use domain::Points;
use pdf::{Annotation, Correction, InkPoint, Kind, Place, Question, SourcePage};

use crate::originals;

/// Groups of questions within groups, at most.
const LEVELS: usize = 64;

/// What correctors gave the copy. `None` if anything of it makes no sense: better no document than a wrong one.
pub(super) fn read(input: &pb::FinalizeInput) -> Option<Correction> {
    let scheme = input.scheme.as_ref();
    let questions = scheme.map_or(&[][..], |scheme| &scheme.questions);
    let scores = input.scores.iter().map(|score| {
        let points = score.points.parse().ok()?;
        Some((score.question_id.clone(), points))
    });
    let remarks = input.remarks.iter();
    let annotations = input.annotations.iter().map(annotation);
    let adjustments = input.adjustments.iter().map(|adjustment| {
        let delta = adjustment.delta.parse().ok()?;
        Some((adjustment.question_id.clone(), delta))
    });
    Some(Correction {
        anonymous_id: input.anonymous_id.clone(),
        pages: pages(input),
        score: sum(&input.score)?,
        max: sum(&input.max)?,
        questions: read_questions(questions, LEVELS)?,
        scores: scores.collect::<Option<_>>()?,
        remarks: remarks
            .map(|remark| (remark.question_id.clone(), remark.text.clone()))
            .collect(),
        appreciation: input.appreciation.clone(),
        annotations: annotations.collect::<Option<_>>()?,
        adjustments: adjustments.collect::<Option<_>>()?,
    })
}

/// The pages of all the files, those of each in order.
fn pages(input: &pb::FinalizeInput) -> Vec<SourcePage> {
    let sources = originals::of(input).into_iter().enumerate();
    let pages = sources.flat_map(|(source, file)| {
        let pages = file.pages.into_iter();
        pages.map(move |page| SourcePage { source, page })
    });
    pages.collect()
}

/// Points that may be a sum, and so beyond what is taken from outside.
fn sum(text: &str) -> Option<Points> {
    text.parse().ok().or_else(|| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let whole: i32 = whole.parse().ok()?;
        let fraction: Points = format!("0.{fraction}").parse().ok()?;
        let quarters = whole.checked_mul(4)?.checked_add(fraction.quarters())?;
        (whole > 0).then_some(Points::from_quarters(quarters))
    })
}

fn read_questions(questions: &[pb::Question], levels: usize) -> Option<Vec<Question>> {
    let levels = levels.checked_sub(1)?;
    let read = questions.iter().map(|question| {
        Some(Question {
            id: question.id.clone(),
            label: question.label.clone(),
            max: sum(&question.max_points)?,
            children: read_questions(&question.children, levels)?,
        })
    });
    read.collect()
}

fn annotation(annotation: &pb::Annotation) -> Option<Annotation> {
    let pb::Rectangle { x, y, w, h } = annotation.rectangle?;
    let delta = match annotation.score_delta.as_str() {
        "" => None,
        points => Some(points.parse().ok()?),
    };
    Some(Annotation {
        page: annotation.page_index,
        kind: kind(&annotation.kind)?,
        place: Place { x, y, w, h },
        text: annotation.text.clone(),
        ink: annotation.ink.iter().map(stroke).collect(),
        delta,
        question: annotation.question_id.clone(),
    })
}

fn stroke(stroke: &pb::Stroke) -> Vec<InkPoint> {
    let points = stroke.points.iter();
    points
        .map(|point| InkPoint {
            x: point.x,
            y: point.y,
            pressure: point.pressure,
        })
        .collect()
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "COMMENT" => Some(Kind::Comment),
        "HIGHLIGHT" => Some(Kind::Highlight),
        "ERROR" => Some(Kind::Error),
        "BONUS" => Some(Kind::Bonus),
        "INK" => Some(Kind::Ink),
        "STAMP" => Some(Kind::Stamp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_may_be_larger_than_any_single_number_of_points() {
        let quarters = |text| sum(text).map(Points::quarters);
        assert_eq!(quarters("13.5"), Some(54));
        assert_eq!(quarters("1200.25"), Some(4801));
        assert_eq!([quarters("1200.1"), quarters("-2000"), quarters("x")], [None; 3]);
    }

    #[test]
    fn what_makes_no_sense_is_not_read() {
        let input = pb::FinalizeInput {
            score: "1".to_owned(),
            max: "20".to_owned(),
            ..pb::FinalizeInput::default()
        };
        assert!(read(&input).is_some());
        let unknown = pb::Annotation {
            rectangle: Some(pb::Rectangle::default()),
            kind: "POEM".to_owned(),
            ..pb::Annotation::default()
        };
        let annotations = vec![unknown];
        assert!(read(&pb::FinalizeInput { annotations, ..input }).is_none());
    }
}
