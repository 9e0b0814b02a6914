//! What the graded copies of an exam were given, all together.

use std::collections::BTreeMap;

use contracts::{Code, grading as pb};
use domain::statistics::{Decimal, Given, Quartile, Scores};
use domain::{Exam, ExamId, Operation, QuestionId, marks};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The figures of all graded copies, and of the caller's own if they were given any. The first graded copy is enough.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetStatisticsRequest,
) -> Result<pb::Statistics, Error> {
    let id: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_statistics", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, id)?;
            let exam = tx.exams().get(id)?.ok_or(Code::NotFound)?;
            let loads = tx.dispatch().loads(id)?;
            let own = Some(caller.user).filter(|user| loads.contains_key(user));
            let given = tx.statistics().given(id, own)?;
            let all = lot(&exam, &tx.statistics().scores(id, None)?, &given.all);
            let own = match own {
                Some(user) => Some(lot(&exam, &tx.statistics().scores(id, Some(user))?, &given.own)),
                None => None,
            };
            Ok(pb::Statistics {
                max: marks::max(exam.scheme.as_ref()).to_string(),
                all: Some(all),
                own,
            })
        })
        .await
}

fn lot(exam: &Exam, scores: &Scores, given: &BTreeMap<QuestionId, Given>) -> pb::LotStatistics {
    let leaves = exam
        .scheme
        .as_ref()
        .map(|scheme| scheme.leaves())
        .unwrap_or_default();
    let questions = leaves.into_iter().map(|(question, max)| {
        let given = given.get(question).copied().unwrap_or_default();
        pb::QuestionStatistics {
            question_id: question.to_string(),
            max_points: max.to_string(),
            mean: text(scores.mean_of(given)),
            difficulty: text(scores.difficulty_of(given, max)),
            discrimination: text(scores.discrimination_of(given)),
        }
    });
    let (lowest, highest) = scores.range().unzip();
    pb::LotStatistics {
        graded: u32::try_from(scores.count()).unwrap_or(u32::MAX),
        mean: text(scores.mean()),
        median: text(scores.quartile(Quartile::Middle)),
        deviation: text(scores.deviation()),
        lower_quartile: text(scores.quartile(Quartile::Lower)),
        upper_quartile: text(scores.quartile(Quartile::Upper)),
        lowest: text(lowest),
        highest: text(highest),
        histogram: scores.histogram(marks::max(exam.scheme.as_ref())),
        questions: questions.collect(),
    }
}

fn text(number: Option<Decimal>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
