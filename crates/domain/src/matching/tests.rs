use uuid::Uuid;

use super::*;
use crate::student::{GivenNames, Particulars, Surname};

const SURNAMES: [&str; 20] = [
    "Abeille",
    "Bruyère",
    "Cormoran",
    "Dentelle",
    "Églantine",
    "Fougère",
    "Genêt",
    "Hérisson",
    "Iris",
    "Jonquille",
    "Libellule",
    "Mésange",
    "Noisetier",
    "Ortie",
    "Pivoine",
    "Renoncule",
    "Sauterelle",
    "Tournesol",
    "Valériane",
    "L’Épervier-Gris",
];
const GIVEN: [&str; 15] = [
    "Alix",
    "Camille Marie",
    "Dominique",
    "Éloïse",
    "Florian",
    "Gaëlle",
    "Hugo",
    "Inès",
    "Joël",
    "Léonie",
    "Maxime",
    "Noé",
    "Ophélie",
    "Quentin",
    "Zoé",
];

fn student(number: usize) -> Student {
    Student {
        id: Uuid::from_u128(u128::try_from(number).unwrap()).into(),
        particulars: Particulars {
            surname: Surname::new(SURNAMES[number % 20]).unwrap(),
            given_names: GivenNames::new(GIVEN[number / 20]).unwrap(),
            birth_date: None,
            class: None,
            number: None,
        },
        user: None,
    }
}

fn copy(number: usize) -> CopyId {
    Uuid::from_u128(u128::try_from(number).unwrap()).into()
}

/// As it stands on a header, with so many of a thousand letters misread.
fn header(student: &Student, wrong: u64, dice: &mut Dice) -> String {
    let particulars = &student.particulars;
    let given = particulars.given_names.expose().split(' ').next().unwrap();
    let header = format!(
        "NOM : {} Prénom : {given}\nClasse : 3e B",
        particulars.surname.expose()
    );
    let misread = |letter: char| {
        if !letter.is_alphanumeric() || dice.roll(1000) >= wrong {
            return Some(letter);
        }
        let letters = ['a', 'e', 'i', 'o', 'n', 's', '0', '1', '5', ' '];
        (dice.roll(5) > 0).then(|| letters[usize::try_from(dice.roll(10)).unwrap()])
    };
    header.chars().filter_map(misread).collect()
}

/// The same numbers in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn suggested(roster: &Roster, headers: &[String]) -> BTreeMap<CopyId, Vec<Suggestion>> {
    let readings = headers.iter().enumerate();
    roster.suggest(
        &readings
            .map(|(number, header)| (copy(number), header.as_str()))
            .collect(),
    )
}

#[test]
fn what_was_read_well_is_found_and_nothing_is_made_of_nothing() {
    let students: Vec<Student> = (0..60).map(student).collect();
    let roster = Roster::of(&students);
    let mut dice = Dice(1);
    let headers: Vec<String> = students
        .iter()
        .map(|student| header(student, 0, &mut dice))
        .collect();
    for (number, suggestions) in suggested(&roster, &headers).values().enumerate() {
        assert_eq!(suggestions[0].student, students[number].id);
        assert!(
            suggestions[0].likelihood >= Likelihood(700),
            "{}",
            suggestions[0].likelihood
        );
        assert!(suggestions.len() <= SUGGESTIONS);
    }
    let empty = suggested(&roster, &[String::new(), "12 / 20 ---".to_owned()]);
    assert!(empty.values().all(Vec::is_empty));
    assert!(suggested(&Roster::of([]), &headers).values().all(Vec::is_empty));
}

#[test]
fn no_pupil_comes_first_twice_and_likelihoods_of_a_copy_are_one_at_most() {
    let students: Vec<Student> = (0..40).map(student).collect();
    let roster = Roster::of(&students);
    let mut dice = Dice(2);
    let headers: Vec<String> = (0..60)
        .map(|number| header(&students[number % 40], 350, &mut dice))
        .collect();
    let all = suggested(&roster, &headers);
    let first: Vec<StudentId> = all
        .values()
        .filter_map(|some| Some(some.first()?.student))
        .collect();
    let once: BTreeSet<StudentId> = first.iter().copied().collect();
    assert_eq!(first.len(), once.len());
    for suggestions in all.values() {
        let sum: u16 = suggestions
            .iter()
            .map(|suggestion| suggestion.likelihood.thousandths())
            .sum();
        assert!(sum <= 1000, "{sum}");
    }
}

#[test]
fn one_assignment_over_the_exam_finds_more_than_each_copy_by_itself() {
    let students: Vec<Student> = (0..200).map(student).collect();
    let roster = Roster::of(&students);
    let (mut alone, mut together) = (0, 0);
    for seed in 0..2 {
        let mut dice = Dice(seed);
        let headers: Vec<String> = students
            .iter()
            .map(|student| header(student, 300, &mut dice))
            .collect();
        for (number, suggestions) in suggested(&roster, &headers).values().enumerate() {
            let likeliest = roster.compare(&headers[number]).likely(&BTreeSet::new());
            let is_right = |suggestion: Option<&Suggestion>| {
                u32::from(suggestion.is_some_and(|suggestion| suggestion.student == students[number].id))
            };
            alone += is_right(likeliest.first());
            together += is_right(suggestions.first());
        }
    }
    assert!(together > alone, "{together} and not more than {alone}");
}

/// Of all suggestions that are as likely as this, about this many are right.
#[test]
fn a_likelihood_is_how_often_it_is_so() {
    let students: Vec<Student> = (0..200).map(student).collect();
    // Half of those who write are not on the list, or it would be too easy.
    let roster = Roster::of(students.iter().step_by(2));
    let mut bins = [(0_u32, 0_u32, 0_u32); 5];
    for wrong in [100, 200, 300, 400, 500] {
        let mut dice = Dice(wrong);
        for student in &students {
            let header = header(student, wrong, &mut dice);
            for suggestion in roster.compare(&header).likely(&BTreeSet::new()) {
                let thousandths = u32::from(suggestion.likelihood.thousandths());
                let bin = &mut bins[usize::try_from((thousandths / 200).min(4)).unwrap()];
                bin.0 += 1;
                bin.1 += thousandths;
                bin.2 += u32::from(suggestion.student == student.id);
            }
        }
    }
    for (count, said, right) in bins {
        assert!(count > 20, "{bins:?}");
        let (said, right) = (said / count, 1000 * right / count);
        assert!(
            said.abs_diff(right) <= 100,
            "{said} was said, {right} is so: {bins:?}"
        );
    }
}

#[test]
fn a_copy_that_looks_like_a_pupils_whose_copy_is_known_is_nobody_elses() {
    let mut twins: Vec<Student> = (0..2).map(student).collect();
    for (pupil, given_names) in twins.iter_mut().zip(["Louis", "Louise"]) {
        pupil.particulars.surname = Surname::new("Durand").expect("a name");
        pupil.particulars.given_names = GivenNames::new(given_names).expect("names");
    }
    let copy = CopyId::from(Uuid::from_u128(1));
    let compared = Roster::of(&twins).compare("durand louis");
    let first = |known: &[StudentId]| {
        let known = known.iter().copied().collect();
        let found = suggest([(copy, &compared)], &known);
        found[&copy].first().map(|suggestion| suggestion.student)
    };
    assert_eq!(first(&[]), Some(twins[0].id));
    assert_eq!(first(&[twins[1].id]), Some(twins[0].id));
    assert_eq!(first(&[twins[0].id]), None);
}
