//! Suggestions: whose copies they may be, from readings and a list of names in a file of JSON.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Instant;

use anyhow::Context as _;
use domain::matching::{Roster, Suggestion};
use domain::student::{GivenNames, Particulars, Surname};
use domain::{CopyId, Ids, Student, StudentId};
use serde::{Deserialize, Serialize};

/// The question.
#[derive(Deserialize)]
struct Office {
    /// Surname and given names.
    roster: Vec<(String, String)>,
    /// What was read on each copy.
    readings: Vec<String>,
}

/// Which lines of the list are suggested for each copy, and how likely, in thousandths.
type Places = Vec<Vec<(usize, u16)>>;

#[derive(Serialize)]
struct Answer {
    /// How long all copies took together.
    seconds: f64,
    /// With one assignment over all copies.
    together: Places,
    /// Each copy by itself.
    alone: Places,
}

/// Prints the suggestions for all copies together, and for each by itself.
pub(crate) fn run(file: &str) -> anyhow::Result<()> {
    let text = std::fs::read(file).context("reading the names")?;
    let Office { roster, readings } = serde_json::from_slice(&text).context("understanding the names")?;
    let ids = Ids::sequence();
    let pupils: Vec<Student> = roster
        .iter()
        .map(|(surname, given_names)| pupil(&ids, surname, given_names))
        .collect::<Option<_>>()
        .context("a name that is none")?;
    let places: BTreeMap<StudentId, usize> = pupils
        .iter()
        .enumerate()
        .map(|(place, pupil)| (pupil.id, place))
        .collect();
    let copies: Vec<(CopyId, &str)> = readings
        .iter()
        .map(|reading| (ids.next(), reading.as_str()))
        .collect();

    let roster = Roster::of(&pupils);
    let shown = |suggestions: &[Suggestion]| {
        let shown = suggestions.iter().filter_map(|suggestion| {
            let place = places.get(&suggestion.student)?;
            Some((*place, suggestion.likelihood.thousandths()))
        });
        shown.collect()
    };
    let started = Instant::now();
    let found = roster.suggest(&copies.iter().copied().collect());
    let seconds = started.elapsed().as_secs_f64();
    let of = |found: &BTreeMap<CopyId, Vec<Suggestion>>, copy| {
        shown(found.get(copy).map(Vec::as_slice).unwrap_or_default())
    };
    let answer = Answer {
        seconds,
        together: copies.iter().map(|(copy, _)| of(&found, copy)).collect(),
        alone: copies
            .iter()
            .map(|(copy, reading)| of(&roster.suggest(&BTreeMap::from([(*copy, *reading)])), copy))
            .collect(),
    };
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&answer)?)?;
    Ok(())
}

fn pupil(ids: &Ids, surname: &str, given_names: &str) -> Option<Student> {
    Some(Student {
        id: ids.next(),
        particulars: Particulars {
            surname: Surname::new(surname)?,
            given_names: GivenNames::new(given_names)?,
            birth_date: None,
            class: None,
            number: None,
        },
        user: None,
    })
}
