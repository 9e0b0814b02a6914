//! Whose copies they may be: what a machine read on them, compared with the names on a list.
//!
//! Only suggestions come of it, for a person to look at. What was read and the names are personal: nothing here is shown
//! in a debugger's or a log's way, and nothing is kept.

mod assignment;
mod similarity;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::folding::fold;
use crate::ids::{CopyId, StudentId};
use crate::matching::assignment::assign;
use crate::matching::similarity::{Name, Reading};
use crate::student::Student;

/// How many pupils are suggested for a copy.
pub const SUGGESTIONS: usize = 5;

/// How likely it is that a copy is a pupil's, in thousandths. Those of all pupils for one copy are one at most: what is
/// missing is that it is nobody's of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likelihood(u16);

impl Likelihood {
    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

/// A pupil whose copy it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggestion {
    /// Who.
    pub student: StudentId,
    /// How likely.
    pub likelihood: Likelihood,
}

/// The pupils whose copies are looked for.
pub struct Roster {
    names: Vec<(StudentId, Name)>,
    /// In which names two letters stand beside each other.
    places: BTreeMap<(char, char), BTreeSet<usize>>,
}

/// How many pupils are compared letter by letter: those with the most in common.
const COMPARED: usize = 25;
/// How many of a copy's pupils take part in the assignment.
const ASSIGNED: usize = 10;
/// What names have in common with anything that is written, in thousandths.
const CHANCE: u128 = 400;
/// How much a copy looks like that of somebody who is not on the list, beyond chance.
const NOBODY: u128 = 600;
/// How much more a closer name counts. These three were chosen so that likelihoods come true.
const SHARPNESS: u32 = 10;

impl Roster {
    /// The list of these pupils, also of those whose copy is known.
    #[must_use]
    pub fn of<'a>(students: impl IntoIterator<Item = &'a Student>) -> Self {
        let folded = students.into_iter().map(|student| {
            let particulars = &student.particulars;
            let (surname, given) = (particulars.surname.expose(), particulars.given_names.expose());
            (student.id, Name::of(&fold(surname), &fold(given)))
        });
        let names: Vec<_> = folded.collect();
        let mut places: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
        for (place, (_, name)) in names.iter().enumerate() {
            for pair in name.pairs() {
                places.entry(pair).or_default().insert(place);
            }
        }
        Self { names, places }
    }

    /// For each copy of an exam the pupils whose it may be. First comes the one it would be if all copies were given to
    /// pupils at once, each pupil one: no pupil comes first twice. The others follow, the likeliest before. A copy whose
    /// every pupil is likelier elsewhere has nobody.
    #[must_use]
    pub fn suggest(&self, readings: &BTreeMap<CopyId, &str>) -> BTreeMap<CopyId, Vec<Suggestion>> {
        let compared = readings
            .iter()
            .map(|(copy, reading)| (*copy, self.compare(reading)));
        let compared: BTreeMap<_, _> = compared.collect();
        let compared = compared.iter().map(|(copy, likenesses)| (*copy, likenesses));
        suggest(compared, &BTreeSet::new())
    }

    /// What was read on one copy, beside all names. It takes long, and stays right as long as the list does.
    #[must_use]
    pub fn compare(&self, reading: &str) -> Likenesses {
        let reading = Reading::of(&fold(reading));
        let likenesses = self.alike(&reading).filter_map(|(student, name)| {
            let beyond = u128::from(name.likeness(&reading)).checked_sub(CHANCE)?;
            Some((*student, (beyond * 1000 / (1000 - CHANCE)).pow(SHARPNESS)))
        });
        Likenesses(likenesses.collect())
    }

    /// The pupils whose names have the most pairs of letters in common with what was read.
    fn alike(&self, reading: &Reading) -> impl Iterator<Item = &(StudentId, Name)> {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for pair in reading.pairs() {
            for place in self.places.get(&pair).into_iter().flatten() {
                *common.entry(*place).or_default() += 1;
            }
        }
        let share = |place: usize, common: usize| {
            let pairs = self
                .names
                .get(place)
                .map_or(1, |(_, name)| name.pairs().len().max(1));
            common * 1000 / pairs
        };
        let mut order: Vec<(usize, usize)> = common
            .into_iter()
            .map(|(place, common)| (share(place, common), place))
            .collect();
        order.sort_by_key(|(share, place)| (std::cmp::Reverse(*share), *place));
        order.truncate(COMPARED);
        order.into_iter().filter_map(|(_, place)| self.names.get(place))
    }
}

/// The same as [`Roster::suggest`] for what was compared before. A pupil whose copy is known is suggested for no other: a
/// copy that looks like theirs most of all is probably another part of it, and gets nobody.
#[must_use]
pub fn suggest<'a>(
    compared: impl IntoIterator<Item = (CopyId, &'a Likenesses)>,
    known: &BTreeSet<StudentId>,
) -> BTreeMap<CopyId, Vec<Suggestion>> {
    let likely = compared.into_iter();
    let likely: BTreeMap<_, _> = likely
        .map(|(copy, likenesses)| (copy, likenesses.likely(known)))
        .collect();
    let assigned = assign(&likely);
    let ranked = likely.into_iter().map(|(copy, mut suggestions)| {
        match assigned.get(&copy) {
            Some(first) => suggestions.sort_by_key(|suggestion| suggestion.student != *first),
            None => suggestions.clear(),
        }
        suggestions.truncate(SUGGESTIONS);
        (copy, suggestions)
    });
    ranked.collect()
}

/// How much what was read on a copy looks like the names that it looks like most.
#[derive(Clone)]
pub struct Likenesses(Vec<(StudentId, u128)>);

impl Likenesses {
    /// Whether somebody of the list could be meant at all.
    #[must_use]
    pub fn name_anybody(&self) -> bool {
        !self.likely(&BTreeSet::new()).is_empty()
    }

    /// The likeliest pupils, by themselves.
    fn likely(&self, known: &BTreeSet<StudentId>) -> Vec<Suggestion> {
        let closest = self.0.iter().max_by_key(|(_, weight)| *weight);
        if closest.is_some_and(|(student, _)| known.contains(student)) {
            return Vec::new();
        }
        let free = || self.0.iter().filter(|(student, _)| !known.contains(student));
        let all: u128 = free().map(|(_, weight)| weight).sum();
        let mut suggestions: Vec<Suggestion> = free()
            .filter_map(|(student, weight)| {
                let thousandths = u16::try_from(1000 * weight / (all + NOBODY.pow(SHARPNESS))).ok()?;
                let suggestion = Suggestion {
                    student: *student,
                    likelihood: Likelihood(thousandths),
                };
                (thousandths > 0).then_some(suggestion)
            })
            .collect();
        suggestions.sort_by_key(|suggestion| (std::cmp::Reverse(suggestion.likelihood), suggestion.student));
        suggestions.truncate(ASSIGNED);
        suggestions
    }
}

#[cfg(test)]
mod tests;
