//! A list beside the pupils that are known: who is new, who has changed, and which lines are unclear.
//!
//! A line means the pupil with its number, if a name or the day of birth is theirs too; without one, the pupil with its names and its day of birth. Where either side has
//! no day, the names alone tell, if only one pupil has them. What a line does not say stays as it is.

use std::collections::HashMap;

use super::{Line, LineError};
use crate::folding::fold;
use crate::ids::{Ids, StudentId};
use crate::student::{Particulars, SchoolNumber, Student};

/// What a list changes.
#[derive(Default)]
pub struct Merged {
    /// Pupils who were not known.
    pub created: Vec<(StudentId, Particulars)>,
    /// Pupils of whom something has changed, as they are from now on, in the order of the lines.
    pub updated: Vec<(StudentId, Particulars)>,
    /// Pupils of whom a line says what is known.
    pub unchanged: Vec<StudentId>,
    /// The lines that are not taken, and why.
    pub refused: Vec<(u32, LineError)>,
}

/// Compares the lines of a list with all pupils that are `known`.
#[must_use]
pub fn merge(known: Vec<Student>, lines: Vec<Line>, ids: &Ids) -> Merged {
    let mut register = Register::default();
    for student in known {
        register.add(student.id, student.particulars, false);
    }
    let mut merged = Merged::default();
    for line in lines {
        let outcome = line.pupil.and_then(|pupil| register.take(pupil, ids));
        match outcome {
            Ok(Taken::Created(id, pupil)) => merged.created.push((id, pupil)),
            Ok(Taken::Updated(id, pupil)) => merged.updated.push((id, pupil)),
            Ok(Taken::Unchanged(id)) => merged.unchanged.push(id),
            Err(error) => merged.refused.push((line.number, error)),
        }
    }
    merged
}

enum Taken {
    Created(StudentId, Particulars),
    Updated(StudentId, Particulars),
    Unchanged(StudentId),
}

/// All pupils as the lines so far leave them.
#[derive(Default)]
struct Register {
    pupils: Vec<Entry>,
    by_number: HashMap<Box<str>, usize>,
    by_match_key: HashMap<String, usize>,
    by_names: HashMap<String, Vec<usize>>,
}

struct Entry {
    id: StudentId,
    pupil: Particulars,
    /// Whether a line has said them already.
    said: bool,
}

impl Register {
    fn add(&mut self, id: StudentId, pupil: Particulars, said: bool) {
        let index = self.pupils.len();
        self.find_by(index, &pupil);
        self.pupils.push(Entry { id, pupil, said });
    }

    /// From now on the pupil is found by this.
    fn find_by(&mut self, index: usize, pupil: &Particulars) {
        if let Some(number) = &pupil.number {
            self.by_number.insert(number.expose().into(), index);
        }
        self.by_match_key.insert(pupil.match_key(), index);
        let namesakes = self.by_names.entry(pupil.names_key()).or_default();
        if !namesakes.contains(&index) {
            namesakes.push(index);
        }
    }

    fn take(&mut self, pupil: Particulars, ids: &Ids) -> Result<Taken, LineError> {
        let Some(index) = self.meant(&pupil)? else {
            let id = ids.next();
            self.add(id, pupil.clone(), true);
            return Ok(Taken::Created(id, pupil));
        };
        let namesake = |key: String| self.by_match_key.get(&key).is_some_and(|other| *other != index);
        let entry = self.pupils.get(index).ok_or(LineError::SeveralPupils)?;
        if entry.said {
            return Err(LineError::DuplicateInFile);
        }
        let (id, before) = (entry.id, entry.pupil.clone());
        let after = Particulars {
            birth_date: pupil.birth_date.or(before.birth_date),
            class: pupil.class.or_else(|| before.class.clone()),
            number: pupil.number.or_else(|| before.number.clone()),
            surname: pupil.surname,
            given_names: pupil.given_names,
        };
        if namesake(after.match_key()) {
            return Err(LineError::SameNames);
        }
        self.by_match_key.remove(&before.match_key());
        self.by_names
            .entry(before.names_key())
            .or_default()
            .retain(|known| *known != index);
        self.find_by(index, &after);
        if let Some(entry) = self.pupils.get_mut(index) {
            entry.said = true;
            entry.pupil = after.clone();
        }
        Ok(if after == before {
            Taken::Unchanged(id)
        } else {
            Taken::Updated(id, after)
        })
    }

    /// Which of the pupils a line means, if any.
    fn meant(&self, pupil: &Particulars) -> Result<Option<usize>, LineError> {
        let number = pupil.number.as_ref().map(SchoolNumber::expose);
        if let Some(index) = number.and_then(|number| self.by_number.get(number)) {
            let known = self.pupils.get(*index).map(|entry| &entry.pupil);
            return if known.is_some_and(|known| could_be(known, pupil)) {
                Ok(Some(*index))
            } else {
                Err(LineError::OtherPupil)
            };
        }
        let other_number = |index: &usize| {
            let known = self
                .pupils
                .get(*index)
                .and_then(|entry| entry.pupil.number.as_ref());
            number.is_some() && known.is_some()
        };
        if let Some(index) = self.by_match_key.get(&pupil.match_key()) {
            return if other_number(index) {
                Err(LineError::OtherNumber)
            } else {
                Ok(Some(*index))
            };
        }
        let undated = |index: &usize| {
            let known = self.pupils.get(*index).and_then(|entry| entry.pupil.birth_date);
            pupil.birth_date.is_none() || known.is_none()
        };
        let namesakes = self.by_names.get(&pupil.names_key());
        let mut candidates = namesakes
            .into_iter()
            .flatten()
            .filter(|index| undated(index) && !other_number(index));
        match (candidates.next(), candidates.next()) {
            (found, None) => Ok(found.copied()),
            (_, Some(_)) => Err(LineError::SeveralPupils),
        }
    }
}

/// Whether two pupils with one number could be the same: people change a name, and lists are mended. Siblings are not.
fn could_be(known: &Particulars, pupil: &Particulars) -> bool {
    let same_surname = fold(known.surname.expose()) == fold(pupil.surname.expose());
    let same_given_names = fold(known.given_names.expose()) == fold(pupil.given_names.expose());
    match (known.birth_date, pupil.birth_date) {
        (Some(one), Some(other)) if one != other => same_surname && same_given_names,
        (Some(_), Some(_)) => true,
        (None, _) | (_, None) => same_surname || same_given_names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::read;

    const HEAD: &str = "Nom;Prénom;Né(e) le;Classe;INE\n";

    fn compare(known: &[Student], list: &str, ids: &Ids) -> Merged {
        merge(
            known.to_vec(),
            read(format!("{HEAD}{list}").as_bytes()).expect("a list"),
            ids,
        )
    }

    fn stored(merged: Merged) -> Vec<Student> {
        let created = merged.created.into_iter();
        created
            .map(|(id, particulars)| Student {
                id,
                particulars,
                user: None,
            })
            .collect()
    }

    fn counts(merged: &Merged) -> (usize, usize, usize) {
        (merged.created.len(), merged.updated.len(), merged.unchanged.len())
    }

    #[test]
    fn the_same_list_again_changes_nothing() {
        let ids = Ids::sequence();
        let list = "DURAND;Zoé;01/03/2009;1re B;7\nMARTIN;Paul;;1re B;\nLE ROY;Ann;02/03/2009;;\n";
        let first = compare(&[], list, &ids);
        assert_eq!(counts(&first), (3, 0, 0));
        let known = stored(first);
        assert_eq!(counts(&compare(&known, list, &ids)), (0, 0, 3));
        let quiet = "durand;zoe;;;7\nMartin;Paul;05/06/2009;;\nLe Roy;Ann;;1re C;\n";
        let changed = compare(&known, quiet, &ids);
        assert_eq!(counts(&changed), (0, 3, 0));
        let said: Vec<_> = changed
            .updated
            .iter()
            .map(|(_, pupil)| pupil.match_key())
            .collect();
        assert_eq!(
            said,
            [
                "durand|zoe|2009-03-01",
                "martin|paul|2009-06-05",
                "le roy|ann|2009-03-02"
            ]
        );
        assert!(changed.updated.iter().all(|(_, pupil)| pupil.class.is_some()));
    }

    #[test]
    fn a_line_that_repeats_or_could_mean_several_is_refused() {
        let ids = Ids::sequence();
        let known = stored(compare(
            &[],
            "DURAND;Zoé;01/03/2009;;7\nDURAND;Zoé;02/03/2009;;8\nMARTIN;Paul;01/01/2009;;9\nMARTIN;Paule;01/01/2009;;10\n",
            &ids,
        ));
        let list = "Durand;Zoé;;;\n\
            DURAND;Zoé;01/03/2009;;99\n\
            Durand;Zoé;01/03/2009;;\n\
            DURAND;Zoé;;;7\n\
            MARTIN;Paul;01/01/2009;;10\n\
            NEW;One;;;1\n\
            NEW;One;;;\n\
            New;Other;;;1\n";
        let merged = compare(&known, list, &ids);
        assert_eq!(
            merged.refused,
            [
                (2, LineError::SeveralPupils),
                (3, LineError::OtherNumber),
                (5, LineError::DuplicateInFile),
                (6, LineError::SameNames),
                (8, LineError::DuplicateInFile),
                (9, LineError::DuplicateInFile),
            ]
        );
        assert_eq!(counts(&merged), (1, 1, 0));
    }

    #[test]
    fn a_number_alone_makes_nobody_somebody_else() {
        let ids = Ids::sequence();
        let known = stored(compare(&[], "DURAND;Zoé;01/03/2009;;1\nMARTIN;Paul;;;2\n", &ids));
        let list = "LE ROY;Ann;02/03/2009;;1\nLE ROY;Ann;;;2\n";
        let merged = compare(&known, list, &ids);
        assert_eq!(
            merged.refused,
            [(2, LineError::OtherPupil), (3, LineError::OtherPupil)]
        );
        let sibling = "DURAND;Paul;02/02/2011;;1\n";
        assert_eq!(
            compare(&known, sibling, &ids).refused,
            [(2, LineError::OtherPupil)]
        );
        let mended = "PETIT;Zoé;;;1\nMARTIN;Jean;;;2\n";
        assert_eq!(counts(&compare(&known, mended, &ids)), (0, 2, 0));
        assert_eq!(
            counts(&compare(&known, "PETIT;Eve;01/03/2009;;1\n", &ids)),
            (0, 1, 0)
        );
    }

    #[test]
    fn namesakes_are_told_apart_by_their_day_or_their_number() {
        let ids = Ids::sequence();
        let list =
            "DURAND;Zoé;01/03/2009;;\nDURAND;Zoé;02/03/2009;;\nMARTIN;Paul;03/03/2009;;1\nMARTIN;Paul;;;2\n";
        let merged = compare(&[], list, &ids);
        assert_eq!((counts(&merged), merged.refused.len()), ((4, 0, 0), 0));
        let known = stored(merged);
        assert_eq!(counts(&compare(&known, list, &ids)), (0, 0, 4));
    }
}
