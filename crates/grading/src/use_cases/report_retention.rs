//! What a purge would erase today.

use contracts::grading as pb;
use domain::Operation;
use domain::access::Relation;
use store::ExpiredExam;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The periods, and what is older.
pub(crate) async fn run(
    app: &App,
    session: Session,
    _request: pb::ReportRetentionRequest,
) -> Result<pb::ReportRetentionReply, Error> {
    let periods = app.retention;
    let expired = app
        .database
        .transaction("report_retention", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::Erase, Relation::Stranger)?;
            Ok::<_, Error>(tx.retention().expired(periods)?)
        })
        .await?;
    Ok(pb::ReportRetentionReply {
        copies_days: periods.copies,
        discarded_days: periods.discarded,
        pupils_days: periods.pupils,
        exams: expired.exams.iter().map(exam).collect(),
        pupils: expired.pupils,
        copies_of_pupils: expired.their_copies,
        held_pupils: expired.held_pupils,
        scans: expired.scans,
    })
}

fn exam(expired: &ExpiredExam) -> pb::ExpiredExam {
    pb::ExpiredExam {
        exam_id: expired.exam.to_string(),
        date: expired.date.to_string(),
        copies: expired.copies,
        held: expired.held,
    }
}
