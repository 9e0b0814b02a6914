//! Making an exam.

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::student::ClassName;
use domain::{Exam, ExamName, Ids, Layout, Operation};
use telemetry::events::ExamCreated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::exam_fields;
use crate::session::Session;
use crate::view;

/// Stores a new exam. Its correctors must be teachers with access.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CreateExamRequest,
) -> Result<pb::Exam, Error> {
    let ids = app.ids.clone();
    let (exam, classes) = app
        .database
        .transaction("create_exam", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::CreateExam, Relation::Stranger)?;
            let (exam, classes) = parse(&request, &ids)?;
            exam_fields::teachers_only(tx, &exam.correctors)?;
            tx.exams().insert(&exam)?;
            tx.exams().set_classes(exam.id, &classes)?;
            Ok::<_, Error>((exam, classes))
        })
        .await?;
    telemetry::log(ExamCreated { exam_id: exam.id });
    Ok(view::exam(&exam, &classes))
}

fn parse(request: &pb::CreateExamRequest, ids: &Ids) -> Result<(Exam, Vec<ClassName>), Problem> {
    let mut fields = Fields::default();
    let name = fields.check("/name", ExamName::new(&request.name), FieldCode::Malformed);
    let date = fields.parse("/date", &request.date);
    let layout = match request.layout.as_str() {
        "" => Some(Layout::A4),
        named => fields.parse("/layout", named),
    };
    let pages_per_copy = request
        .pages_per_copy
        .and_then(|count| exam_fields::pages_per_copy(&mut fields, count));
    let identity_zone = request
        .identity_zone
        .as_ref()
        .and_then(|zone| exam_fields::identity_zone(&mut fields, zone));
    let correctors = exam_fields::correctors(&mut fields, &request.correctors);
    let classes = exam_fields::classes(&mut fields, &request.classes);
    match (name, date, layout) {
        (Some(name), Some(date), Some(layout)) if fields.all_right() => {
            let exam = Exam {
                id: ids.next(),
                name,
                date,
                pages_per_copy,
                layout,
                identity_zone,
                correctors: correctors.into_iter().collect(),
                scheme: None,
                released_at: None,
                version: 0,
            };
            Ok((exam, classes))
        }
        _ => Err(fields.problem()),
    }
}
