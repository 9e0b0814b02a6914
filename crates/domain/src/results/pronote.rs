//! The table that Pronote imports.

use super::cell::Line;
use super::{ResultRow, Who};
use crate::folding::fold;
use crate::points::Points;
use crate::prose::Prose;
use crate::student::Particulars;

/// Marks are imported out of 20, whatever the exam counts out of.
const OUT_OF: i64 = 20;

/// The byte order mark, by which programs know UTF-8.
const MARK: &str = "\u{feff}";

/// The rows of pupils, by class and name. A copy without a pupil cannot be imported, and is not in it.
#[must_use]
pub fn pronote(rows: &[ResultRow]) -> String {
    let mut known: Vec<(&Particulars, &ResultRow)> = rows
        .iter()
        .filter_map(|row| row.pupil.as_ref().map(|pupil| (pupil, row)))
        .collect();
    known.sort_by_cached_key(|(pupil, row)| {
        let class = pupil.class.as_ref().map_or("", |class| class.expose());
        let names = [pupil.surname.expose(), pupil.given_names.expose()].map(fold);
        (fold(class), names, row.copy)
    });
    let heading = [
        "NOM",
        "PRENOM",
        "CLASSE",
        "NE(E) LE",
        "NUMERO",
        "NOTE",
        "APPRECIATION",
    ];
    let heading = heading.into_iter().fold(Line::separated_by(';'), Line::plain);
    let mut table = MARK.to_owned() + &heading.end();
    for (pupil, row) in known {
        table.push_str(&line(pupil, row));
    }
    table
}

fn line(pupil: &Particulars, row: &ResultRow) -> String {
    let who = Who::of(pupil, "%d/%m/%Y");
    Line::separated_by(';')
        .text(&who.surname)
        .text(&who.given_names)
        .text(&who.class)
        .plain(&who.birth_date)
        .text(&who.number)
        .plain(&mark(row.score, row.max))
        .text(row.appreciation.as_ref().map_or("", Prose::expose))
        .end()
}

/// The score out of 20 with two decimal places and a comma, half of a hundredth rounded up. Exact: no floating point.
fn mark(score: Points, max: Points) -> String {
    let (score, max) = (i64::from(score.quarters()), i64::from(max.quarters()).max(1));
    let doubled = score.saturating_mul(2 * 100 * OUT_OF).saturating_add(max);
    let hundredths = doubled.div_euclid(2 * max);
    format!("{},{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::super::samples::{pupil, row, said};
    use super::*;
    use crate::student::SchoolNumber;

    /// Written by hand, byte for byte.
    const EXPECTED: &str = include_str!("pronote-expected.csv");

    #[test]
    fn the_table_is_byte_for_byte_what_was_written_by_hand() {
        let particular = |surname, given_names, class, number, day| Particulars {
            birth_date: day,
            number: SchoolNumber::new(number),
            ..pupil(surname, given_names, class)
        };
        let day = NaiveDate::from_ymd_opt(2009, 3, 1);
        let long = format!(
            "Un travail sérieux ; à poursuivre. {}Fin.",
            "Bien, très bien. ".repeat(200)
        );
        let rows = [
            // A quarter of 20 is exact.
            row(
                1,
                Some(particular("ÉCUYER", "Zoé", "1re B", "0007", day)),
                (49, 80),
            ),
            // 12.5 of 30, 2.75 of 24 and 0.25 of 16 are not.
            row(2, Some(pupil("MÜLLER", "Jean-Loup", "1re A")), (50, 120)),
            row(3, Some(pupil("de La Tour", "Anne Sophie", "1re A")), (11, 96)),
            row(4, Some(pupil("Ångström", "Éloïse", "1re A")), (1, 64)),
            said(
                row(5, Some(pupil("=CMD()", "+Alex", "@1re C")), (0, 80)),
                "-2 pour le soin\n=SOMME(A1)",
            ),
            said(
                row(6, Some(pupil("N'Guyen", "O\"Hara; dit Bob", "1re B")), (80, 80)),
                "\"Excellent\"",
            ),
            said(row(7, Some(pupil("Zola", "Émile", "1re B")), (41, 80)), &long),
            row(8, None, (40, 80)),
        ];
        assert_eq!(pronote(&rows), EXPECTED);
    }

    #[test]
    fn half_of_a_hundredth_goes_up() {
        for (score, max, written) in [
            (0, 80, "0,00"),
            (80, 80, "20,00"),
            (49, 80, "12,25"),
            (1, 64, "0,31"),
            // 0.125 and 1.005.
            (1, 160, "0,13"),
            (201, 4000, "1,01"),
            (2, 3, "13,33"),
            (1, 3, "6,67"),
        ] {
            let points = |quarters| Points::from_quarters(quarters);
            assert_eq!(mark(points(score), points(max)), written, "{score} of {max}");
        }
    }

    proptest! {
        #[test]
        fn a_mark_is_never_off_by_more_than_half_a_hundredth(max in 1..4000i32, part in 0..=4000i32) {
            let score = part.min(max);
            let text = mark(Points::from_quarters(score), Points::from_quarters(max));
            let hundredths: i64 = text.replace(',', "").parse().unwrap();
            let (score, max) = (i64::from(score), i64::from(max));
            let off = 2 * (hundredths * max - score * 2000);
            prop_assert!(-max < off && off <= max, "{}", text);
        }
    }
}
