//! Taking in a list of pupils.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::access::Relation;
use domain::roster::{self, Unreadable};
use domain::{Caller, Operation};
use store::Tx;
use telemetry::events::StudentsImported;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// Whether the caller may: asked before the first byte of the list is read.
pub(crate) async fn authorize(app: &App, session: Session) -> Result<(), Error> {
    app.database
        .transaction("authorize_import", move |tx| {
            admit(tx, &session).map(|_caller| ())
        })
        .await
}

/// Stores what the good lines of the list say, all of them or, if the database fails, none. Nobody else adds or changes
/// pupils meanwhile, so that each line is compared with what is there.
pub(crate) async fn run(
    app: &App,
    session: Session,
    list: Vec<u8>,
) -> Result<pb::ImportStudentsReply, Error> {
    let lines = roster::read(&list).map_err(unreadable)?;
    drop(list);
    let ids = app.ids.clone();
    let merged = app
        .database
        .transaction("import_students", move |tx| {
            admit(tx, &session)?;
            tx.students().hold()?;
            let merged = roster::merge(tx.students().all()?, lines, &ids);
            for (id, pupil) in &merged.updated {
                tx.students().update(*id, pupil)?;
            }
            tx.students().insert_all(&merged.created)?;
            let known = merged.updated.iter().map(|(id, _)| id).chain(&merged.unchanged);
            tx.students().list(&known.copied().collect::<Vec<_>>())?;
            Ok::<_, Error>(merged)
        })
        .await?;
    telemetry::log(StudentsImported {
        created: merged.created.len(),
        updated: merged.updated.len(),
        unchanged: count(merged.unchanged.len()),
        refused: merged.refused.len(),
    });
    let refused = merged.refused.iter().map(|(line, error)| pb::RefusedLine {
        line: *line,
        code: error.to_string(),
    });
    Ok(pb::ImportStudentsReply {
        created: count(merged.created.len()),
        updated: count(merged.updated.len()),
        unchanged: count(merged.unchanged.len()),
        refused: refused.collect(),
    })
}

fn admit(tx: &mut Tx<'_>, session: &Session) -> Result<Caller, Error> {
    let caller = session.caller(tx)?;
    authorization::check(caller, Operation::ManageStudents, Relation::Stranger)?;
    Ok(caller)
}

/// A list that says nobody says what is missing. Its headings are named as the fields of a pupil are.
fn unreadable(reason: Unreadable) -> Problem {
    match reason {
        Unreadable::Empty => Code::EmptyFile.into(),
        Unreadable::TooLong => Code::TooLarge.into(),
        Unreadable::NoSurname => Problem::field("/header/surname", FieldCode::Required),
        Unreadable::NoGivenNames => Problem::field("/header/given_names", FieldCode::Required),
    }
}

/// A list has no more than [`roster::MAX_LINES`].
fn count(pupils: usize) -> u32 {
    u32::try_from(pupils).unwrap_or(u32::MAX)
}
