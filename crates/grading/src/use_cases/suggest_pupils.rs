//! Whose copy it may be.

use std::sync::Arc;

use contracts::{Code, grading as pb};
use domain::{Operation, Student};

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
    let (readings, pupils, known) = app
        .database
        .transaction("suggest_pupils", move |tx| {
            command.admit(tx)?;
            let exam = tx.copies().exam_of(copy)?.ok_or(Code::NotFound)?;
            let known = tx.identities().of_exam(exam)?;
            let known = known.into_iter().map(|identity| identity.student).collect();
            Ok::<_, Error>((tx.readings().of_exam(exam)?, tx.readings().roster(exam)?, known))
        })
        .await?;
    if !readings.contains_key(&copy) {
        return Ok(pb::SuggestReply::default());
    }
    let pupils: Arc<[Student]> = pupils.into();
    // The first time all copies are compared with all names: that takes a core for a while, and no connection of the
    // database.
    let found = app
        .comparisons
        .suggest(readings, Arc::clone(&pupils), known)
        .await?;
    let suggestions = found.get(&copy).into_iter().flatten().filter_map(|suggestion| {
        let pupil = pupils.iter().find(|pupil| pupil.id == suggestion.student)?;
        Some(pb::Suggestion {
            student: Some(pupil.into()),
            likelihood: suggestion.likelihood.thousandths().into(),
        })
    });
    Ok(pb::SuggestReply {
        reading_available: true,
        suggestions: suggestions.collect(),
    })
}
