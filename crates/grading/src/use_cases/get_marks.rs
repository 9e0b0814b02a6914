//! Reading the points and words about a copy.

use contracts::{Code, annotation, grading as pb, marks};
use domain::{CopyId, Operation};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The marks of a copy with what they add up to.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetMarksRequest,
) -> Result<pb::MarksOfCopy, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_marks", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, id)?;
            read(tx, id)
        })
        .await
}

/// The marks of a copy with what they add up to.
pub(crate) fn read(tx: &mut Tx<'_>, id: CopyId) -> Result<pb::MarksOfCopy, Error> {
    let copy = tx.copies().get(id)?.ok_or(Code::NotFound)?.copy;
    let exam = tx.exams().get(copy.exam)?.ok_or(Code::NotFound)?;
    let given = tx.marks().of(id)?;
    let tally = copy.tally(&given, exam.scheme.as_ref());
    Ok(pb::MarksOfCopy {
        scores: marks::scores(&given),
        remarks: marks::remarks(&given),
        appreciation: annotation::exposed(given.appreciation.as_ref()),
        total: tally.total.to_string(),
        max: tally.max.to_string(),
        adjustments: marks::adjustments(&given),
    })
}
