//! Handing out a corrected document.

use contracts::{Code, grading as pb};
use domain::copy::Variant;
use domain::document::{Document, Documents};
use domain::{Caller, Copy, Exam, Operation, Role};
use store::Tx;
use telemetry::events::CopyExported;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Where the document is that the caller may have. That they were given it is recorded by then.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ExportCopyRequest,
) -> Result<pb::ExportCopyReply, Error> {
    let command = Command::parse(session, Operation::ExportCopy, &request.id, app.ids.next())?;
    let copy_id = command.copy;
    let (reply, variant, event) = app
        .database
        .transaction("export_copy", move |tx| {
            let caller = command.admit(tx)?;
            let (copy, asked) = command.lock(tx, caller)?;
            let exam = tx.exams().get(copy.exam)?.ok_or(Code::NotFound)?;
            let made = made(tx, caller, &copy)?;
            let (variant, document) = choose(caller, &exam, &made).ok_or(Code::Forbidden)?;
            let event = tx.disclose(&copy.export(variant, document.digest, asked)?)?;
            let reply = pb::ExportCopyReply {
                digest: document.digest.to_string(),
                bytes: document.size.bytes(),
                anonymous_id: copy.anonymous_id.as_str().to_owned(),
            };
            Ok::<_, Error>((reply, variant, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(CopyExported {
        copy_id,
        variant,
        bytes: reply.bytes,
    });
    Ok(reply)
}

/// A pupil gets what was released, everybody else what was made last.
fn made(tx: &mut Tx<'_>, caller: Caller, copy: &Copy) -> Result<Documents, Error> {
    Ok(match caller.role {
        Role::Student => tx.results().document(copy.id)?.ok_or(Code::NotFound)?,
        Role::Admin | Role::Teacher => tx.documents().latest(copy.id)?.ok_or(Code::NotGraded)?,
    })
}

/// Pupils and administrators get the whole; a corrector gets what does not show who wrote it, and nothing if there
/// should be such a document and is not.
fn choose(caller: Caller, exam: &Exam, made: &Documents) -> Option<(Variant, Document)> {
    let full = (Variant::Full, made.full);
    match caller.role {
        Role::Admin | Role::Student => Some(full),
        Role::Teacher => match made.anonymous {
            Some(anonymous) => Some((Variant::Anonymous, anonymous)),
            None if exam.identity_zone.is_none() => Some(full),
            None => None,
        },
    }
}
