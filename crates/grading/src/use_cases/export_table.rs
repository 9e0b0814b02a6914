//! Handing out a table of results.

use contracts::{Code, FieldCode, MAX_MESSAGE, Problem, grading as pb};
use domain::copy::Asked;
use domain::release::Publication;
use domain::{Digest, ExamId, Operation, OperationId, results};
use store::{Entry, Tx};
use telemetry::events::ResultsExported;

use super::release_results::count;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The table of the release that pupils see. That the caller was given it is recorded on each of its copies by then,
/// with the digest of all its bytes: so the whole is made first, and is as large as a message may be.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ExportTableRequest,
) -> Result<pb::ExportTableReply, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (format, operation) = (request.format(), app.ids.next());
    let (reply, events) = app
        .database
        .transaction("export_table", move |tx| {
            export(tx, &session, (exam, format), operation)
        })
        .await?;
    telemetry::log(ResultsExported {
        exam_id: exam,
        results: count(events.len()),
        bytes: u64::try_from(reply.table.len()).unwrap_or(u64::MAX),
    });
    events.into_iter().for_each(recorded::publish);
    Ok(reply)
}

fn export(
    tx: &mut Tx<'_>,
    session: &Session,
    (exam, format): (ExamId, pb::TableFormat),
    operation: OperationId,
) -> Result<(pb::ExportTableReply, Vec<Entry>), Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
    // Nobody withdraws the results meanwhile.
    tx.exams().for_share(exam)?.ok_or(Code::NotFound)?;
    let release = tx.releases().current(exam)?.ok_or(Code::WrongState)?;
    let rows = tx.results().rows_of(&release)?;
    let table = match format {
        pb::TableFormat::Results => results::table(&rows, tx.releases().scheme(&release)?.as_ref()),
        pb::TableFormat::Pronote => results::pronote(&rows),
        pb::TableFormat::Unspecified => {
            return Err(Problem::field("/format", FieldCode::Required).into());
        }
    };
    if table.len() > LARGEST {
        return Err(Code::TooLarge.into());
    }
    let asked = Asked {
        by: caller.user,
        through: caller.through,
        operation,
        now: tx.now()?,
    };
    let told = rows
        .iter()
        .filter(|row| format == pb::TableFormat::Results || row.pupil.is_some());
    let publication = Publication::of_table(told.map(|row| row.copy), Digest::of(table.as_bytes()), asked);
    let events = tx.publish(&publication)?;
    let reply = pb::ExportTableReply {
        table: table.into_bytes(),
        number: release.number,
    };
    Ok((reply, events))
}

/// The largest table, in bytes: that of ten thousand copies whose appreciations have 700 letters, some of them two
/// bytes long. A quarter of a message.
const LARGEST: usize = MAX_MESSAGE / 4;
