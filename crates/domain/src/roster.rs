//! Lists of pupils as schools have them: files of cells, in one of several encodings, with headings of many names.
//!
//! Reading is lenient about form and strict about meaning: a line that is unclear is refused by a code, and the others
//! count. What a list says is compared with the pupils that are known; nothing is guessed where two could be meant.

mod cells;
mod columns;
mod day;
mod merging;
mod text;

use crate::student::Particulars;
use cells::{Cells, Record};
use columns::Columns;

pub use merging::{Merged, merge};

/// How many lines a list may have. A school has fewer pupils.
pub const MAX_LINES: usize = 20_000;

closed_names! {
    /// Why a line of a list is not taken.
    LineError {
        /// It has no family name.
        MissingSurname = "missing_surname",
        /// It has no given name.
        MissingGivenNames = "missing_given_names",
        /// A name is longer than a name may be.
        BadName = "bad_name",
        /// Family name and given names stand in one cell and cannot be told apart.
        UnclearName = "unclear_name",
        /// The day of birth is none, or is written in another way.
        BadDate = "bad_date",
        /// The class is longer than a class may be.
        BadClass = "bad_class",
        /// The number is longer than a number may be.
        BadNumber = "bad_number",
        /// There are more cells than headings.
        TooManyCells = "too_many_cells",
        /// A quotation mark is not closed; what follows it was not read.
        UnclosedQuote = "unclosed_quote",
        /// A line before says the same pupil.
        DuplicateInFile = "duplicate_in_file",
        /// Two or more pupils could be meant.
        SeveralPupils = "several_pupils",
        /// A pupil with these names and this day of birth is known by another number.
        OtherNumber = "other_number",
        /// The pupil with this number has other names, and no day of birth says that they are the same.
        OtherPupil = "other_pupil",
        /// The pupil with this number would be called like another one who was born on the same day.
        SameNames = "same_names",
    }
}

/// Why a file is no list of pupils.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing is in it.
    Empty,
    /// The first line has no heading for the family name.
    NoSurname,
    /// The first line has no heading for the given names.
    NoGivenNames,
    /// It has more than [`MAX_LINES`].
    TooLong,
}

/// A line of a list below its headings.
pub struct Line {
    /// Where it begins in the file, counted from 1.
    pub number: u32,
    /// Who it says.
    pub pupil: Result<Particulars, LineError>,
}

/// The lines of a list. Those without anything in them are left out.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let text = text::of(bytes);
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let (columns, records) = headed(&text)?;
    let lines: Vec<Line> = records
        .filter(|record| !record.is_blank())
        .take(MAX_LINES + 1)
        .map(|record| Line {
            number: record.line,
            pupil: columns.pupil(&record),
        })
        .collect();
    if lines.len() > MAX_LINES {
        return Err(Unreadable::TooLong);
    }
    Ok(lines)
}

/// What the headings mean, and the records below them. Cells are separated by the sign with which most headings are known.
fn headed(text: &str) -> Result<(Columns, Cells<'_>), Unreadable> {
    let mut best: Option<(Columns, Cells<'_>)> = None;
    for separator in [';', ',', '\t'] {
        let mut cells = Cells::of(text, separator);
        let heading = cells.find(|record| !record.is_blank() && !announces_separator(record));
        let columns = Columns::of(&heading.map(|record| record.cells).unwrap_or_default());
        if best
            .as_ref()
            .is_none_or(|(known, _)| columns.known() > known.known())
        {
            best = Some((columns, cells));
        }
    }
    let (columns, cells) = best.ok_or(Unreadable::Empty)?;
    columns.check()?;
    Ok((columns, cells))
}

/// Spreadsheets write `sep=;` above the headings.
fn announces_separator(record: &Record) -> bool {
    record.line == 1 && record.cells.first().is_some_and(|cell| cell.starts_with("sep="))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::student::{ClassName, SchoolNumber};

    fn said(bytes: &[u8]) -> Vec<(u32, Result<String, LineError>)> {
        let lines = read(bytes).expect("a list");
        let said = |pupil: Particulars| {
            let day = pupil.birth_date.map(|day| day.to_string()).unwrap_or_default();
            let class = pupil.class.as_ref().map_or("", ClassName::expose);
            let number = pupil.number.as_ref().map_or("", SchoolNumber::expose);
            let text = format!("{}/{day}/{class}/{number}", pupil.full_name());
            text.trim_end_matches('/').to_owned()
        };
        let lines = lines.into_iter();
        lines.map(|line| (line.number, line.pupil.map(said))).collect()
    }

    fn first(bytes: &[u8]) -> String {
        said(bytes).remove(0).1.expect("a pupil")
    }

    #[test]
    fn one_pupil_is_read_from_every_form_that_schools_have() {
        const ZOE: &str = "LÉCUYER Zoé/2009-03-01/1re B";
        let semicolons = "Nom;Prénom;Né(e) le;Classe\r\nLÉCUYER;Zoé;01/03/2009;1re B\r\n";
        let windows = encoding_rs::WINDOWS_1252.encode(semicolons).0.into_owned();
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(semicolons.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let forms: [&[u8]; 10] = [
            semicolons.as_bytes(),
            &windows,
            &wide,
            "\u{feff}Nom,Prénom,Né(e) le,Classe\nLÉCUYER,Zoé,2009-03-01,1re B".as_bytes(),
            "NOM\tPRENOM\tNé le\tDivision\rLÉCUYER\tZoé\t1-3-2009\t1re B".as_bytes(),
            "sep=;\n\nPrénom;Nom de famille;Date de naissance;Classe\nZoé;LÉCUYER;01.03.2009;1re B".as_bytes(),
            "\"Nom\";\"Prénom\";\"Né(e) le\";\"Classe\"\n\" LÉCUYER \";\"Zoé\";\"01/03/2009 00:00:00\";\"1re\nB\"".as_bytes(),
            "Élève;Né(e) le;Classe\nLÉCUYER Zoé;01/03/2009;1re B".as_bytes(),
            "Last name,First name,Date of birth,Class\nLÉCUYER,Zoé,2009-03-01,1re B".as_bytes(),
            "Civilité;Nom;Prénom;Adresse;Né(e) le;Classe\n;LÉCUYER;Zoé;\"1; rue \"\"X\"\"\n75000\";01/03/2009;1re B;;\n".as_bytes(),
        ];
        for form in forms {
            assert_eq!(first(form), ZOE, "{}", String::from_utf8_lossy(form));
        }
        assert_eq!(
            first("N° INE;Nom;Prénom\n12a;Le Roy;Anne".as_bytes()),
            "Le Roy Anne///12a"
        );
    }

    #[test]
    fn each_line_that_is_unclear_is_refused_by_its_own_code_and_number() {
        let list = "Nom;Prénom;Né(e) le;Classe;INE\n\
            ;Zoé;01/03/2009;;\n\
            —;Zoé;;;\n\
            DURAND;;;;\n\
            DURAND;Zoé;31/02/2009;;\n\
            DURAND;Zoé;01/03/09;;\n\
            \n\
            \"DURAND\n\";\"Zoé\";;;\n\
            DURAND;Zoé;;;;shifted\n\
            DURAND;\"Zoé;;;\nMARTIN;Paul;;;\n";
        let expected = [
            (2, LineError::MissingSurname),
            (3, LineError::MissingSurname),
            (4, LineError::MissingGivenNames),
            (5, LineError::BadDate),
            (6, LineError::BadDate),
            (10, LineError::TooManyCells),
            (11, LineError::UnclosedQuote),
        ];
        let found = said(list.as_bytes());
        let refused: Vec<_> = found
            .iter()
            .filter_map(|(line, pupil)| Some((*line, *pupil.as_ref().err()?)))
            .collect();
        assert_eq!(refused, expected);
        assert!(found.contains(&(8, Ok("DURAND Zoé".to_owned()))));

        let long = "x".repeat(101);
        for (line, error) in [
            (format!("{long};Zoé;;;"), LineError::BadName),
            (format!("DURAND;Zoé;;{long};"), LineError::BadClass),
            (format!("DURAND;Zoé;;;{long}"), LineError::BadNumber),
        ] {
            let list = format!("Nom;Prénom;Né(e) le;Classe;INE\n{line}");
            assert_eq!(said(list.as_bytes()), [(2, Err(error))]);
        }
    }

    #[test]
    fn names_in_one_cell_are_told_apart_by_their_capitals_or_a_comma() {
        let list = "Nom complet\nDE LA TOUR Anne-Lise\nO'NEIL Tom\nDurand Zoé\nDURAND ZOE\n\"Durand, Zoé\"\nDURAND\n";
        let found: Vec<_> = said(list.as_bytes())
            .into_iter()
            .map(|(_, pupil)| pupil)
            .collect();
        assert_eq!(
            found,
            [
                Ok("DE LA TOUR Anne-Lise".to_owned()),
                Ok("O'NEIL Tom".to_owned()),
                Err(LineError::UnclearName),
                Err(LineError::UnclearName),
                Ok("Durand Zoé".to_owned()),
                Err(LineError::UnclearName),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_stop_the_reading(bytes: Vec<u8>, tail: String) {
            let listed = [b"Nom;Prenom;Naissance\n".as_slice(), &bytes, tail.as_bytes()].concat();
            proptest::prop_assert!(read(&listed).is_ok());
            let _ = read(&bytes);
        }
    }

    #[test]
    fn a_file_without_headings_is_no_list() {
        let refusal = |text: &str| read(text.as_bytes()).err();
        assert_eq!(refusal("\u{feff} \r\n"), Some(Unreadable::Empty));
        assert_eq!(refusal("DURAND;Zoé\n"), Some(Unreadable::NoSurname));
        assert_eq!(refusal("Prénom\nZoé\n"), Some(Unreadable::NoSurname));
        assert_eq!(
            refusal("Nom;Classe\nDURAND;1re B\n"),
            Some(Unreadable::NoGivenNames)
        );
        assert_eq!(read(b"PK\x03\x04\x00\xff\xfe").err(), Some(Unreadable::NoSurname));
        let long = format!("Nom;Prénom\n{}", "DURAND;Zoé\n".repeat(MAX_LINES + 1));
        assert_eq!(refusal(&long), Some(Unreadable::TooLong));
    }
}
