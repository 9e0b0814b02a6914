//! An administrator changes the scores of many copies at once.

use contracts::{Code, FieldCode, Fields, Problem, annotation, grading as pb};
use domain::change_set::NotAChange;
use domain::copy::Asked;
use domain::{Caller, ChangeSet, Copy, CopyId, Exam, ExamId, Ids, Marks, Operation, OperationId, Points};
use domain::{Prose, QuestionId, Reason};
use store::{Entry, Tx};
use telemetry::events::ScoresAdjusted;

use super::release_results::count;
use crate::announcement;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::recorded;
use crate::session::Session;

/// What is asked for.
struct Wanted {
    exam: ExamId,
    key: String,
    reason: Reason,
    words: Option<Prose>,
    question: Option<QuestionId>,
    delta: Points,
    /// Empty for all graded copies.
    copies: Vec<CopyId>,
}

/// Each of the copies takes its part of the change, and its document is on its way to be made anew; or the answer that
/// the same request got before. What correctors gave stays as it is.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::AdjustRequest,
) -> Result<pb::AdjustReply, Error> {
    let wanted = Wanted::parse(request)?;
    let (exam_id, reason) = (wanted.exam, wanted.reason);
    let (ids, operation) = (app.ids.clone(), app.ids.next());
    let (answer, done) = app
        .database
        .transaction("adjust_scores", move |tx| {
            adjust(tx, &session, wanted, (operation, &ids))
        })
        .await?;
    if let Some((change_set_id, events)) = done {
        telemetry::log(ScoresAdjusted {
            exam_id,
            change_set_id,
            reason,
            adjusted: count(events.len()),
            refused: count(answer.refused.len()),
        });
        events.into_iter().for_each(recorded::publish);
    }
    Ok(answer)
}

impl Wanted {
    fn parse(request: pb::AdjustRequest) -> Result<Self, Error> {
        let exam = request.exam_id.parse().map_err(|_not_an_id| Code::NotFound)?;
        let mut fields = Fields::default();
        let reason = fields.parse("/reason_code", &request.reason_code);
        let words = annotation::prose(&mut fields, "/reason", &request.reason);
        let question = fields.parse_given("/question_id", &request.question_id);
        let delta = annotation::points(&mut fields, "/delta", &request.delta);
        let delta = delta.and_then(|delta| fields.check("/delta", delta, FieldCode::Required));
        let copies: Vec<Option<CopyId>> = request
            .copies
            .iter()
            .map(|copy| fields.parse("/copies", copy))
            .collect();
        let copies: Option<Vec<CopyId>> = copies.into_iter().collect();
        match (reason, words, question, delta, copies) {
            (Some(reason), Some(words), Some(question), Some(delta), Some(mut copies)) => {
                copies.sort_unstable();
                copies.dedup();
                Ok(Self {
                    exam,
                    key: request.idempotency_key,
                    reason,
                    words,
                    question,
                    delta,
                    copies,
                })
            }
            _ => Err(fields.problem().into()),
        }
    }

    /// What makes it the same request. Nothing but the words, whose length is told, has a line break.
    fn parts(&self) -> Vec<String> {
        let question = self.question.as_ref().map(ToString::to_string);
        let words = annotation::exposed(self.words.as_ref());
        let mut parts = vec![
            self.exam.to_string(),
            self.reason.to_string(),
            format!("{} {words}", words.len()),
            question.unwrap_or_default(),
            self.delta.to_string(),
        ];
        parts.extend(self.copies.iter().map(ToString::to_string));
        parts.iter().map(|part| format!("{part}\n")).collect()
    }
}

type Done = (domain::ChangeSetId, Vec<Entry>);

/// The exam is locked first, then its graded copies in the order of their ids.
fn adjust(
    tx: &mut Tx<'_>,
    session: &Session,
    wanted: Wanted,
    (operation, ids): (OperationId, &Ids),
) -> Result<(pb::AdjustReply, Option<Done>), Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::AdjustScores, wanted.exam)?;
    let keyed = Keyed::new(caller.user, "adjust_scores", &wanted.key, &wanted.parts())?;
    if let Some(answer) = keyed.answered(tx)? {
        return Ok((answer, None));
    }
    let exam = tx.exams().for_update(wanted.exam)?.ok_or(Code::NotFound)?;
    if exam.released_at.is_some() {
        return Err(Code::WrongState.into());
    }
    let graded = tx.releases().graded(exam.id)?;
    let asked = asked(tx, caller, operation)?;
    let (change_set, copies) = change_set(wanted, asked, ids);
    change_set.check(exam.scheme.as_ref()).map_err(of_change)?;
    let (chosen, refused) = chosen(&graded, copies);
    if chosen.is_empty() {
        return Err(Code::NotGraded.into());
    }
    tx.change_sets().insert(&change_set)?;
    let mut answer = pb::AdjustReply {
        change_set_id: change_set.id.to_string(),
        refused,
        ..pb::AdjustReply::default()
    };
    let mut events = Vec::with_capacity(chosen.len());
    for copy in tx.copies().all(&chosen)? {
        let id = copy.id;
        match change(tx, (&exam, &change_set), copy, (asked, ids))? {
            Some((adjusted, event)) => {
                answer.adjusted.push(adjusted);
                events.push(event);
            }
            None => answer.unchanged.push(id.to_string()),
        }
    }
    keyed.remember(tx, &answer)?;
    Ok((answer, Some((change_set.id, events))))
}

fn asked(tx: &mut Tx<'_>, caller: Caller, operation: OperationId) -> Result<Asked, Error> {
    Ok(Asked {
        by: caller.user,
        through: caller.through,
        operation,
        now: tx.now()?,
    })
}

fn change_set(wanted: Wanted, asked: Asked, ids: &Ids) -> (ChangeSet, Vec<CopyId>) {
    let change_set = ChangeSet {
        id: ids.next(),
        exam: wanted.exam,
        by: asked.by,
        at: asked.now,
        reason: wanted.reason,
        words: wanted.words,
        question: wanted.question,
        delta: wanted.delta,
    };
    (change_set, wanted.copies)
}

fn of_change(refused: NotAChange) -> Problem {
    match refused {
        NotAChange::Nothing => Problem::field("/delta", FieldCode::OutOfRange),
        NotAChange::UnknownQuestion => Problem::of(Code::UnknownQuestion),
    }
}

/// Those of the wanted copies that are graded, and the others with why not. Nothing wanted is all that are graded.
fn chosen(graded: &[CopyId], wanted: Vec<CopyId>) -> (Vec<CopyId>, Vec<pb::RefusedCopy>) {
    if wanted.is_empty() {
        return (graded.to_vec(), Vec::new());
    }
    let (chosen, others): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .partition(|copy| graded.binary_search(copy).is_ok());
    let refused = others.into_iter().map(|copy| pb::RefusedCopy {
        copy_id: copy.to_string(),
        code: Code::NotGraded.as_str().to_owned(),
    });
    (chosen, refused.collect())
}

/// What a copy takes of the change; nothing, if there is no room for any of it.
fn change(
    tx: &mut Tx<'_>,
    (exam, change_set): (&Exam, &ChangeSet),
    copy: Copy,
    (asked, ids): (Asked, &Ids),
) -> Result<Option<(pb::AdjustedCopy, Entry)>, Error> {
    let grading = copy.state.grading().ok_or(Code::NotGraded)?;
    // Only of a question it matters what it was given.
    let marks = match change_set.question {
        Some(_) => tx.marks().of(copy.id)?,
        None => Marks::default(),
    };
    let part = change_set.part_for(grading, &marks, exam.scheme.as_ref());
    if part == Points::ZERO {
        return Ok(None);
    }
    let adjustment = change_set.adjustment(part);
    let copy_id = copy.id.to_string();
    let started = copy.adjust(&adjustment, exam.released_at.is_some(), asked, ids)?;
    let event = tx.adjust(&started, &adjustment, &announcement::of(started.job(), ids))?;
    let adjusted = pb::AdjustedCopy {
        copy_id,
        delta: part.to_string(),
        score: (grading.score + part).to_string(),
        job_id: started.job().id.to_string(),
    };
    Ok(Some((adjusted, event)))
}
