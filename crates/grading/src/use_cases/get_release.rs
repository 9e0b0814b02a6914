//! Reading a release: what it is, and in what it differs from the one before.

use contracts::{Code, grading as pb};
use domain::release::{Difference, Standing, differences};
use domain::{ExamId, Operation};

use super::release_results::count;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The release of the exam with the number. All of the first one is new, and none of it a change.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetReleaseRequest,
) -> Result<pb::ReleaseWithChanges, Error> {
    let exam: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let number = request.number;
    app.database
        .transaction("get_release", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadResults, exam)?;
            let release = tx.releases().get(exam, number)?.ok_or(Code::NotFound)?;
            let shown = tx.releases().shown(&release)?;
            let before = tx.releases().get(exam, number.saturating_sub(1))?;
            let changes = match before {
                Some(before) => differences(&tx.releases().shown(&before)?, &shown),
                None => Vec::new(),
            };
            Ok(pb::ReleaseWithChanges {
                release: Some(view::release(&release)),
                results: count(shown.len()),
                changes: changes.iter().map(changed).collect(),
            })
        })
        .await
}

fn changed(difference: &Difference) -> pb::ChangedResult {
    let said = |standing: Option<Standing>| {
        let said = standing.map(|standing| (standing.score.to_string(), standing.max.to_string()));
        said.unwrap_or_default()
    };
    let ((previous, previous_max), (score, max)) = (said(difference.previous), said(difference.now));
    pb::ChangedResult {
        copy_id: difference.copy.to_string(),
        previous,
        previous_max,
        score,
        max,
        points_changed: difference.points,
        document_changed: difference.document,
    }
}
