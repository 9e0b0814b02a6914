//! What the headings of a list mean, and the pupil that a record below them says.

use super::cells::Record;
use super::{LineError, Unreadable, day};
use crate::folding::fold;
use crate::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};

/// Where what is looked for stands. Of two headings that mean the same, the first counts.
#[derive(Default)]
pub(super) struct Columns {
    surname: Option<usize>,
    given_names: Option<usize>,
    /// Both in one cell; only looked at where one of them has no cell of its own.
    full_name: Option<usize>,
    birth_date: Option<usize>,
    class: Option<usize>,
    number: Option<usize>,
    width: usize,
}

impl Columns {
    /// The columns under these headings, whose accents, case and signs make no difference.
    pub(super) fn of(headings: &[String]) -> Self {
        let mut columns = Self {
            width: headings.len(),
            ..Self::default()
        };
        for (index, heading) in headings.iter().enumerate() {
            if let Some(column) = columns.named(&fold(heading)) {
                column.get_or_insert(index);
            }
        }
        columns
    }

    fn named(&mut self, heading: &str) -> Option<&mut Option<usize>> {
        Some(match heading {
            "nom" | "nom de famille" | "nom famille" | "nom eleve" | "nom de l eleve" | "surname"
            | "last name" | "lastname" | "family name" => &mut self.surname,
            "prenom" | "prenoms" | "prenom s" | "prenom 1" | "prenom eleve" | "prenom de l eleve"
            | "first name" | "firstname" | "given name" | "given names" | "forename" => &mut self.given_names,
            "nom complet" | "nom prenom" | "nom et prenom" | "nom prenoms" | "nom et prenoms" | "eleve"
            | "eleves" | "full name" | "name" | "student" | "pupil" => &mut self.full_name,
            "ne e le" | "ne le" | "nee le" | "date de naissance" | "date naissance" | "naissance"
            | "date naiss" | "birth date" | "birthdate" | "date of birth" | "birthday" | "dob" => {
                &mut self.birth_date
            }
            "classe" | "classes" | "division" | "libelle classe" | "code classe" | "class" => &mut self.class,
            // A bare number or id is often the line's own and says nothing of who somebody is.
            "ine"
            | "n ine"
            | "no ine"
            | "numero ine"
            | "numero eleve"
            | "numero de l eleve"
            | "identifiant national"
            | "id national"
            | "student number" => &mut self.number,
            _ => return None,
        })
    }

    /// How many headings are known.
    pub(super) fn known(&self) -> usize {
        let columns = [
            self.surname,
            self.given_names,
            self.full_name,
            self.birth_date,
            self.class,
            self.number,
        ];
        columns.iter().flatten().count()
    }

    /// Refuses a list that cannot say who anybody is.
    pub(super) fn check(&self) -> Result<(), Unreadable> {
        match (self.surname, self.given_names, self.full_name) {
            (Some(_), Some(_), _) | (_, _, Some(_)) => Ok(()),
            (None, _, None) => Err(Unreadable::NoSurname),
            (Some(_), None, None) => Err(Unreadable::NoGivenNames),
        }
    }

    /// The pupil that the record says.
    pub(super) fn pupil(&self, record: &Record) -> Result<Particulars, LineError> {
        if !record.closed {
            return Err(LineError::UnclosedQuote);
        }
        if record.cells.iter().skip(self.width).any(|cell| !cell.is_empty()) {
            return Err(LineError::TooManyCells);
        }
        let (surname, given_names) = self.names(record)?;
        let birth_date = given(record, self.birth_date)
            .map(|text| day::of(text).ok_or(LineError::BadDate))
            .transpose()?;
        let class = given(record, self.class)
            .map(|text| ClassName::new(text).ok_or(LineError::BadClass))
            .transpose()?;
        let number = given(record, self.number)
            .map(|text| SchoolNumber::new(text).ok_or(LineError::BadNumber))
            .transpose()?;
        Ok(Particulars {
            surname: Surname::new(&surname).ok_or(LineError::BadName)?,
            given_names: GivenNames::new(&given_names).ok_or(LineError::BadName)?,
            birth_date,
            class,
            number,
        })
    }

    fn names(&self, record: &Record) -> Result<(String, String), LineError> {
        let (surname, given_names) = match (self.surname, self.given_names, self.full_name) {
            (Some(surname), Some(given_names), _) => (
                record.cell(surname).to_owned(),
                record.cell(given_names).to_owned(),
            ),
            (_, _, Some(full_name)) => apart(record.cell(full_name))?,
            (_, _, None) => return Err(LineError::MissingSurname),
        };
        // A dash stands for nothing.
        if fold(&surname).is_empty() {
            return Err(LineError::MissingSurname);
        }
        if fold(&given_names).is_empty() {
            return Err(LineError::MissingGivenNames);
        }
        Ok((surname, given_names))
    }
}

/// What is in the cell of a column, if the list has the column and the cell has anything.
fn given(record: &Record, column: Option<usize>) -> Option<&str> {
    column
        .map(|index| record.cell(index))
        .filter(|text| !text.is_empty())
}

/// Family name and given names out of one cell: `DURAND Zoé`, or `Durand, Zoé`.
fn apart(full_name: &str) -> Result<(String, String), LineError> {
    if full_name.is_empty() {
        return Err(LineError::MissingSurname);
    }
    if let Some((surname, given_names)) = full_name.split_once(',') {
        return Ok((surname.trim().to_owned(), given_names.trim().to_owned()));
    }
    let (loud, quiet): (Vec<_>, Vec<_>) = {
        let mut words = full_name.split(' ').peekable();
        let loud =
            std::iter::from_fn(|| words.next_if(|word| !word.chars().any(char::is_lowercase))).collect();
        (loud, words.collect())
    };
    if loud.is_empty() || quiet.is_empty() {
        return Err(LineError::UnclearName);
    }
    Ok((loud.join(" "), quiet.join(" ")))
}
