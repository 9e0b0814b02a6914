//! The table for programs and for who counts: every copy of the release, with the points of its questions.

use super::cell::Line;
use super::{ResultRow, Who};
use crate::prose::Prose;
use crate::scheme::{MarkingScheme, QuestionId};

/// All rows in the order of the copies. The questions are those of the marking scheme that the release has.
#[must_use]
pub fn table(rows: &[ResultRow], scheme: Option<&MarkingScheme>) -> String {
    let leaves = scheme.map(MarkingScheme::leaves).unwrap_or_default();
    let questions: Vec<&QuestionId> = leaves.into_iter().map(|(id, _max)| id).collect();
    let who = [
        "copy_id",
        "anonymous_id",
        "surname",
        "given_names",
        "class",
        "birth_date",
        "number",
    ];
    let all = who.into_iter().chain(["score", "max", "appreciation"]);
    let heading = all.fold(Line::separated_by(','), Line::plain);
    let heading = questions
        .iter()
        .fold(heading, |line, question| line.text(question.as_str()));
    let mut sorted: Vec<&ResultRow> = rows.iter().collect();
    sorted.sort_by_key(|row| row.copy);
    let lines = sorted.into_iter().map(|row| line(row, &questions));
    std::iter::once(heading.end()).chain(lines).collect()
}

fn line(row: &ResultRow, questions: &[&QuestionId]) -> String {
    let line = Line::separated_by(',')
        .plain(&row.copy.to_string())
        .plain(row.anonymous_id.as_str());
    let who = row.pupil.as_ref().map(|pupil| Who::of(pupil, "%Y-%m-%d"));
    let line = match &who {
        Some(who) => line
            .text(&who.surname)
            .text(&who.given_names)
            .text(&who.class)
            .plain(&who.birth_date)
            .text(&who.number),
        None => (0..5).fold(line, |line, _nothing| line.plain("")),
    };
    let line = line
        .plain(&row.score.to_string())
        .plain(&row.max.to_string())
        .text(row.appreciation.as_ref().map_or("", Prose::expose));
    let points = questions.iter().map(|question| row.points.get(*question));
    let points = points.map(|points| points.map(ToString::to_string).unwrap_or_default());
    points.fold(line, |line, points| line.plain(&points)).end()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{pupil, row, said};
    use super::*;
    use crate::points::Points;
    use crate::scheme::{Question, QuestionLabel, Worth};

    fn question(id: &str, worth: Worth) -> Question {
        Question {
            id: id.parse().unwrap(),
            label: QuestionLabel::new("Une question").unwrap(),
            worth,
        }
    }

    #[test]
    fn every_copy_has_a_line_with_the_points_of_its_questions() {
        let leaf = |id: &str| question(id, Worth::Points(Points::from_quarters(20)));
        let group = question("1", Worth::Parts(vec![leaf("1.a"), leaf("-b")]));
        let scheme = MarkingScheme::new(vec![group, leaf("2")]).unwrap();
        let mut first = said(
            row(1, Some(pupil("DURAND", "Zoé", "1re B")), (33, 60)),
            "Bien, oui.",
        );
        let points = [("1.a", 3), ("2", 30)];
        first.points = points
            .into_iter()
            .map(|(id, quarters)| (id.parse().unwrap(), Points::from_quarters(quarters)))
            .collect();
        let rows = [row(2, None, (0, 60)), first];
        let expected = "copy_id,anonymous_id,surname,given_names,class,birth_date,number,score,max,appreciation,\
                        1.a,'-b,2\r\n\
                        00000000-0000-0000-0000-000000000001,AAAA-2222,DURAND,Zoé,1re B,,,8.25,15,\"Bien, oui.\",\
                        0.75,,7.5\r\n\
                        00000000-0000-0000-0000-000000000002,AAAA-2222,,,,,,0,15,,,,\r\n";
        assert_eq!(table(&rows, Some(&scheme)), expected);
    }
}
