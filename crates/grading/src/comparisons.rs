//! What was read on the copies of the last exam that somebody asked for, compared with its pupils: that takes long, and is
//! right until the list or a reading changes. Only ids and digests are kept, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contracts::Code;
use domain::digest::Hasher;
use domain::matching::{self, Likenesses, Roster, Suggestion};
use domain::{CopyId, Digest, Reading, Student, StudentId};
use tokio::sync::Mutex;

use crate::error::Error;

/// The comparisons of one exam at a time. Whoever asks meanwhile waits, and finds them done.
#[derive(Clone, Default)]
pub(crate) struct Comparisons(Arc<Mutex<Last>>);

#[derive(Default)]
struct Last {
    /// Of all names of the list.
    roster: Option<Digest>,
    /// Of each copy what was read on it.
    compared: BTreeMap<CopyId, (Digest, Likenesses)>,
}

impl Comparisons {
    /// For each copy the pupils whose it may be, none of whom has another.
    pub(crate) async fn suggest(
        &self,
        readings: BTreeMap<CopyId, Reading>,
        pupils: Arc<[Student]>,
        known: BTreeSet<StudentId>,
    ) -> Result<BTreeMap<CopyId, Vec<Suggestion>>, Error> {
        let mut last = Arc::clone(&self.0).lock_owned().await;
        let work = telemetry::blocking(move || {
            last.catch_up(&readings, &pupils);
            let compared = last.compared.iter();
            matching::suggest(
                compared.map(|(copy, (_, likenesses))| (*copy, likenesses)),
                &known,
            )
        });
        work.await.map_err(|_ending| Code::Unavailable.into())
    }
}

impl Last {
    fn catch_up(&mut self, readings: &BTreeMap<CopyId, Reading>, pupils: &[Student]) {
        let roster = fingerprint(pupils);
        if self.roster != Some(roster) {
            self.compared.clear();
            self.roster = Some(roster);
        }
        self.compared.retain(|copy, (digest, _)| {
            let reading = readings.get(copy);
            reading.is_some_and(|reading| Digest::of(reading.expose().as_bytes()) == *digest)
        });
        if self.compared.len() == readings.len() {
            return;
        }
        let list = Roster::of(pupils);
        for (copy, reading) in readings {
            self.compared.entry(*copy).or_insert_with(|| {
                let text = reading.expose();
                (Digest::of(text.as_bytes()), list.compare(text))
            });
        }
    }
}

fn fingerprint(pupils: &[Student]) -> Digest {
    let mut hasher = Hasher::default();
    for pupil in pupils {
        hasher.update(pupil.id.to_string().as_bytes());
        hasher.update(pupil.particulars.names_key().as_bytes());
        hasher.update(b"\n");
    }
    hasher.finish()
}
