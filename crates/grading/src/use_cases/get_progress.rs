//! How far the copies of an exam are.

use std::collections::BTreeMap;

use contracts::{Code, grading as pb};
use domain::access::Listing;
use domain::{ExamId, Operation, Status, UserId};
use store::Progress;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The copies by state: all of them, and the caller's own. Administrators see those of each corrector; correctors are
/// not shown how far the others are.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetProgressRequest,
) -> Result<pb::Progress, Error> {
    let id: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_progress", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, id)?;
            let progress = tx.statistics().progress(id)?;
            let by_corrector = by_corrector(&progress);
            let own = by_corrector.get(&Some(caller.user)).copied();
            let tells_correctors = caller.lists() == Listing::Everything;
            let correctors = by_corrector.into_iter().filter(|_one| tells_correctors);
            Ok(pb::Progress {
                all: Some(counts(&progress)),
                own,
                correctors: correctors.map(corrector).collect(),
                tells_correctors,
            })
        })
        .await
}

fn by_corrector(progress: &[Progress]) -> BTreeMap<Option<UserId>, pb::Counts> {
    let mut lots: BTreeMap<Option<UserId>, Vec<Progress>> = BTreeMap::new();
    for part in progress {
        lots.entry(part.corrector).or_default().push(*part);
    }
    let lots = lots.into_iter();
    lots.map(|(corrector, lot)| (corrector, counts(&lot))).collect()
}

fn counts(progress: &[Progress]) -> pb::Counts {
    let count = |status: Status| {
        let parts = progress.iter().filter(|part| part.status == status);
        parts.map(|part| part.copies).sum()
    };
    pb::Counts {
        staging: count(Status::Staging),
        ready: count(Status::Ready),
        locked: count(Status::Locked),
        grading_in_progress: count(Status::GradingInProgress),
        graded: count(Status::Graded),
        grading_failed: count(Status::GradingFailed),
    }
}

fn corrector((user, counts): (Option<UserId>, pb::Counts)) -> pb::CorrectorProgress {
    pb::CorrectorProgress {
        user_id: user.map(|user| user.to_string()).unwrap_or_default(),
        counts: Some(counts),
    }
}
