//! Changing what an exam is.

use std::collections::BTreeSet;

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::student::ClassName;
use domain::{Exam, ExamId, ExamName, Operation, UserId};
use store::Tx;
use telemetry::events::ExamChanged;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::exam_fields;
use crate::session::Session;
use crate::use_cases::get_exam;

/// The exam as it is now. If somebody changed it since the caller read it, it stays as they left it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::UpdateExamRequest,
) -> Result<pb::Exam, Error> {
    let id: ExamId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let exam = app
        .database
        .transaction("update_exam", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ChangeExam, id)?;
            let before = tx.exams().for_update(id)?.ok_or(Code::NotFound)?;
            if before.version != request.if_version {
                return Err(Code::StaleVersion.into());
            }
            let (after, classes) = changed(&before, &request)?;
            keeps_its_zone(tx, &before, &after)?;
            lets_nobody_go_with_copies(tx, &before, &after)?;
            // Who was one stays one: a teacher who was disabled since does not stand in the way of another change.
            let new: Vec<UserId> = after
                .correctors
                .iter()
                .copied()
                .filter(|corrector| !before.correctors.contains(corrector))
                .collect();
            exam_fields::teachers_only(tx, &new)?;
            tx.exams().update(&after)?;
            if let Some(classes) = classes {
                tx.exams().set_classes(id, &classes)?;
            }
            get_exam::shown(tx, &after)
        })
        .await?;
    telemetry::log(ExamChanged { exam_id: id });
    Ok(exam)
}

type Changed = (Exam, Option<Vec<ClassName>>);

fn changed(before: &Exam, request: &pb::UpdateExamRequest) -> Result<Changed, Problem> {
    let mut fields = Fields::default();
    let mut after = before.clone();
    if let Some(name) = &request.name
        && let Some(name) = fields.check("/name", ExamName::new(name), FieldCode::Malformed)
    {
        after.name = name;
    }
    if let Some(date) = &request.date
        && let Some(date) = fields.parse("/date", date)
    {
        after.date = date;
    }
    if let Some(layout) = &request.layout
        && let Some(layout) = fields.parse("/layout", layout)
    {
        after.layout = layout;
    }
    if let Some(change) = &request.pages_per_copy {
        after.pages_per_copy = change
            .to
            .and_then(|count| exam_fields::pages_per_copy(&mut fields, count));
    }
    if let Some(change) = &request.identity_zone {
        after.identity_zone = change
            .to
            .as_ref()
            .and_then(|zone| exam_fields::identity_zone(&mut fields, zone));
    }
    if let Some(change) = &request.correctors {
        let correctors: BTreeSet<UserId> = exam_fields::correctors(&mut fields, &change.to);
        after.correctors = correctors.into_iter().collect();
    }
    let classes = request.classes.as_ref();
    let classes = classes.map(|change| exam_fields::classes(&mut fields, &change.to));
    after.version += 1;
    if fields.all_right() {
        Ok((after, classes))
    } else {
        Err(fields.problem())
    }
}

/// Whoever has copies that are not done stays a corrector: those copies are given to others first.
fn lets_nobody_go_with_copies(tx: &mut Tx<'_>, before: &Exam, after: &Exam) -> Result<(), Error> {
    let gone = before.correctors.iter().copied();
    let gone: Vec<UserId> = gone
        .filter(|corrector| !after.correctors.contains(corrector))
        .collect();
    if !gone.is_empty() && !tx.dispatch().unfinished(before.id, &gone)?.is_empty() {
        return Err(Code::WrongState.into());
    }
    Ok(())
}

/// Images without what shows who wrote them are made at the import: with copies there, the zone stays.
fn keeps_its_zone(tx: &mut Tx<'_>, before: &Exam, after: &Exam) -> Result<(), Error> {
    if before.identity_zone != after.identity_zone && tx.copies().any_of(before.id)? {
        return Err(Code::WrongState.into());
    }
    Ok(())
}
