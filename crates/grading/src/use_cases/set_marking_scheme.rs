//! Saying what the questions of an exam are worth.

use contracts::{Code, Fields, Problem, grading as pb};
use domain::{Exam, ExamId, MarkingScheme, Operation, Points, QuestionId};
use telemetry::events::SchemeChanged;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::get_exam;

/// The exam with its new marking scheme, unless copies would be left with marks that it does not allow.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetMarkingSchemeRequest,
) -> Result<pb::Exam, Error> {
    let id: ExamId = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (exam, questions) = app
        .database
        .transaction("set_marking_scheme", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ChangeExam, id)?;
            let scheme = MarkingScheme::try_from(&request.scheme.clone().unwrap_or_default())?;
            let exam = tx.exams().for_update(id)?.ok_or(Code::NotFound)?;
            if exam.version != request.if_version {
                return Err(Code::StaleVersion.into());
            }
            // Their score is frozen, and the report of their document shows the scheme.
            let finalizing = tx.copies().in_finalization(id)?;
            if finalizing > 0 {
                return Err(Problem::of(Code::SchemeInUse)
                    .with("copies", finalizing.to_string())
                    .into());
            }
            let used = tx.marks().questions_in_use(id)?;
            let orphans = orphans(&scheme, used);
            if !orphans.is_empty() {
                return Err(Problem::of(Code::SchemeInUse)
                    .with("questions", orphans.join(","))
                    .into());
            }
            let exam = Exam {
                scheme: Some(scheme),
                version: exam.version + 1,
                ..exam
            };
            tx.exams().update(&exam)?;
            let questions = exam.scheme.as_ref().map_or(0, |scheme| scheme.questions().len());
            Ok::<_, Error>((get_exam::shown(tx, &exam)?, questions))
        })
        .await?;
    telemetry::log(SchemeChanged {
        exam_id: id,
        questions: u32::try_from(questions).unwrap_or(u32::MAX),
    });
    Ok(exam)
}

/// The questions that copies speak of and that the scheme does not have, or gives fewer points than a copy has: the
/// first of them.
fn orphans(scheme: &MarkingScheme, used: Vec<(QuestionId, Points)>) -> Vec<String> {
    let fits =
        |question: &QuestionId, points: Points| scheme.max_of(question).is_some_and(|max| points <= max);
    let mut orphans: Vec<String> = used
        .into_iter()
        .filter(|(question, points)| !fits(question, *points))
        .map(|(question, _)| question.to_string())
        .collect();
    orphans.sort();
    orphans.dedup();
    orphans.truncate(Fields::MOST);
    orphans
}
