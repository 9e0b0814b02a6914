//! Making an exam.

use std::collections::BTreeSet;

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::{Exam, ExamName, IdentityZone, Ids, Layout, Operation, PageCount, Role, UserId};
use store::Tx;
use telemetry::events::ExamCreated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// Stores a new exam. Its correctors must be teachers with access.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CreateExamRequest,
) -> Result<pb::Exam, Error> {
    let ids = app.ids.clone();
    let exam = app
        .database
        .transaction("create_exam", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::CreateExam, Relation::Stranger)?;
            let exam = parse(&request, &ids)?;
            teachers_only(tx, &exam.correctors)?;
            tx.exams().insert(&exam)?;
            Ok::<_, Error>(exam)
        })
        .await?;
    telemetry::log(ExamCreated { exam_id: exam.id });
    Ok(pb::Exam::from(&exam))
}

fn parse(request: &pb::CreateExamRequest, ids: &Ids) -> Result<Exam, Problem> {
    let mut fields = Fields::default();
    let name = fields.check("/name", ExamName::new(&request.name), FieldCode::Malformed);
    let date = fields.parse("/date", &request.date);
    let layout = match request.layout.as_str() {
        "" => Some(Layout::A4),
        named => fields.parse("/layout", named),
    };
    let pages_per_copy = request.pages_per_copy.and_then(|count| {
        let pages = usize::try_from(count)
            .ok()
            .and_then(PageCount::new)
            .map(PageCount::get);
        fields.check("/pages_per_copy", pages, FieldCode::OutOfRange)
    });
    let identity_zone = request.identity_zone.as_ref().and_then(|zone| {
        fields.check(
            "/identity_zone",
            IdentityZone::try_from(zone).ok(),
            FieldCode::OutOfRange,
        )
    });
    let correctors: BTreeSet<UserId> = request
        .correctors
        .iter()
        .filter_map(|corrector| fields.parse("/correctors", corrector))
        .collect();
    match (name, date, layout) {
        (Some(name), Some(date), Some(layout)) if fields.all_right() => Ok(Exam {
            id: ids.next(),
            name,
            date,
            pages_per_copy,
            layout,
            identity_zone,
            correctors: correctors.into_iter().collect(),
            version: 0,
        }),
        _ => Err(fields.problem()),
    }
}

fn teachers_only(tx: &mut Tx<'_>, correctors: &[UserId]) -> Result<(), Error> {
    for corrector in correctors {
        let found = tx.users().get(*corrector)?;
        if found.is_none_or(|user| user.role != Role::Teacher || user.disabled) {
            return Err(Problem::field("/correctors", FieldCode::UnknownReference).into());
        }
    }
    Ok(())
}
