//! Copies and pupils, each pupil one copy at most, so that all of it together is as likely as can be.
//!
//! Copies come one by one. Each takes the best way through those that came before: a pupil who is free, or one whose copy
//! takes another pupil, and so on, or leaves a copy without anybody.

use std::collections::{BTreeMap, VecDeque};

use crate::ids::{CopyId, StudentId};
use crate::matching::Suggestion;

type Likely = BTreeMap<CopyId, Vec<Suggestion>>;

/// The pupil of each copy that gets one.
pub(super) fn assign(likely: &Likely) -> BTreeMap<CopyId, StudentId> {
    let mut assignment = Assignment::default();
    for copy in likely.keys() {
        let way = assignment.best_way(likely, *copy);
        assignment.take(*copy, &way);
    }
    assignment.students
}

#[derive(Default)]
struct Assignment {
    students: BTreeMap<CopyId, StudentId>,
    copies: BTreeMap<StudentId, CopyId>,
}

/// What becomes of the copies when one more comes.
struct Way {
    /// The last copy on the way, and the free pupil that it takes, if it takes one.
    last: (CopyId, Option<StudentId>),
    gain: i64,
    /// For a copy on the way: which one takes its pupil.
    taken: BTreeMap<CopyId, (CopyId, StudentId)>,
}

impl Assignment {
    fn best_way(&self, likely: &Likely, first: CopyId) -> Way {
        let mut way = Way {
            last: (first, None),
            gain: 0,
            taken: BTreeMap::new(),
        };
        let mut gains = BTreeMap::from([(first, 0)]);
        let mut queue = VecDeque::from([first]);
        while let Some(copy) = queue.pop_front() {
            let gain = gains.get(&copy).copied().unwrap_or_default();
            if gain > way.gain {
                (way.last, way.gain) = ((copy, None), gain);
            }
            for suggestion in likely.get(&copy).into_iter().flatten() {
                let gain = gain + weight(suggestion);
                match self.copies.get(&suggestion.student) {
                    None if gain > way.gain => {
                        (way.last, way.gain) = ((copy, Some(suggestion.student)), gain);
                    }
                    None => {}
                    Some(holder) if *holder == copy => {}
                    Some(holder) => {
                        let gain = gain - weight_of(likely, *holder, suggestion.student);
                        if gains.get(holder).is_none_or(|known| gain > *known) {
                            gains.insert(*holder, gain);
                            way.taken.insert(*holder, (copy, suggestion.student));
                            queue.push_back(*holder);
                        }
                    }
                }
            }
        }
        way
    }

    fn take(&mut self, first: CopyId, way: &Way) {
        let (mut copy, student) = way.last;
        match student {
            Some(student) => self.give(copy, student),
            None => {
                self.students.remove(&copy);
            }
        }
        while copy != first {
            let Some((taker, student)) = way.taken.get(&copy) else {
                break;
            };
            self.give(*taker, *student);
            copy = *taker;
        }
    }

    fn give(&mut self, copy: CopyId, student: StudentId) {
        self.students.insert(copy, student);
        self.copies.insert(student, copy);
    }
}

fn weight(suggestion: &Suggestion) -> i64 {
    i64::from(suggestion.likelihood.thousandths())
}

fn weight_of(likely: &Likely, copy: CopyId, student: StudentId) -> i64 {
    let mut suggestions = likely.get(&copy).into_iter().flatten();
    let found = suggestions.find(|suggestion| suggestion.student == student);
    found.map_or(0, weight)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::matching::Likelihood;

    fn copy(number: usize) -> CopyId {
        Uuid::from_u128(u128::try_from(number).unwrap()).into()
    }

    fn student(number: usize) -> StudentId {
        Uuid::from_u128(u128::try_from(number).unwrap()).into()
    }

    fn likely(table: &[Vec<u16>]) -> Likely {
        let row = |row: &Vec<u16>| {
            let known = row.iter().enumerate().filter(|(_, likelihood)| **likelihood > 0);
            let suggestion = known.map(|(number, likelihood)| Suggestion {
                student: student(number),
                likelihood: Likelihood(*likelihood),
            });
            suggestion.collect()
        };
        let rows = table.iter().enumerate();
        rows.map(|(number, likelihoods)| (copy(number), row(likelihoods)))
            .collect()
    }

    fn worth(likely: &Likely, assigned: &BTreeMap<CopyId, StudentId>) -> i64 {
        let pairs = assigned.iter();
        pairs
            .map(|(copy, student)| weight_of(likely, *copy, *student))
            .sum()
    }

    /// Everything tried.
    fn best(table: &[Vec<u16>], free: &[usize]) -> i64 {
        let Some((row, rest)) = table.split_first() else {
            return 0;
        };
        let without = best(rest, free);
        let with = free.iter().filter(|number| row[**number] > 0).map(|number| {
            let left: Vec<usize> = free.iter().copied().filter(|other| other != number).collect();
            i64::from(row[*number]) + best(rest, &left)
        });
        with.max().unwrap_or(0).max(without)
    }

    #[test]
    fn who_has_no_other_choice_gets_the_pupil_that_two_want() {
        let likely = likely(&[vec![900, 800], vec![700, 0]]);
        let assigned = assign(&likely);
        assert_eq!(
            assigned,
            BTreeMap::from([(copy(0), student(1)), (copy(1), student(0))])
        );
    }

    proptest! {
        #[test]
        fn no_other_assignment_is_worth_more_and_no_pupil_has_two(
            table in prop::collection::vec(prop::collection::vec(0..1000u16, 4), 0..6),
        ) {
            let likely = likely(&table);
            let assigned = assign(&likely);
            let students: std::collections::BTreeSet<_> = assigned.values().collect();
            prop_assert_eq!(students.len(), assigned.len());
            prop_assert_eq!(worth(&likely, &assigned), best(&table, &[0, 1, 2, 3]));
        }
    }
}
