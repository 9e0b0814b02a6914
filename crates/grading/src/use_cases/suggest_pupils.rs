//! Whose copy it may be.

use std::collections::BTreeMap;

use contracts::{Code, grading as pb};
use domain::matching::{Roster, Suggestion};
use domain::{CopyId, Operation, Reading, Student};

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::session::Session;

/// The pupils whose copy it may be, the likeliest use of all copies first. They are found anew each time: each copy that
/// gets its pupil makes the others clearer.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SuggestRequest,
) -> Result<pb::SuggestReply, Error> {
    let command = Command::parse(session, Operation::IdentifyCopy, &request.copy_id, app.ids.next())?;
    let copy = command.copy;
    let (readings, roster) = app
        .database
        .transaction("suggest_pupils", move |tx| {
            command.admit(tx)?;
            let exam = tx.copies().exam_of(copy)?.ok_or(Code::NotFound)?;
            Ok::<_, Error>((tx.readings().of_exam(exam)?, tx.readings().roster(exam)?))
        })
        .await?;
    if !readings.contains_key(&copy) {
        return Ok(pb::SuggestReply::default());
    }
    // All copies are compared with all names: that takes a core for a while, and no connection of the database.
    let suggestions = telemetry::blocking(move || suggest(copy, &readings, &roster));
    let suggestions = suggestions.await.map_err(|_ending| Code::Unavailable)?;
    Ok(pb::SuggestReply {
        reading_available: true,
        suggestions,
    })
}

fn suggest(copy: CopyId, readings: &BTreeMap<CopyId, Reading>, pupils: &[Student]) -> Vec<pb::Suggestion> {
    let readings = readings.iter().map(|(copy, reading)| (*copy, reading.expose()));
    let mut found = Roster::of(pupils).suggest(&readings.collect());
    let suggestions = found.remove(&copy).unwrap_or_default().into_iter();
    let shown = suggestions.filter_map(|Suggestion { student, likelihood }| {
        let pupil = pupils.iter().find(|pupil| pupil.id == student)?;
        Some(pb::Suggestion {
            student: Some(pupil.into()),
            likelihood: likelihood.thousandths().into(),
        })
    });
    shown.collect()
}
