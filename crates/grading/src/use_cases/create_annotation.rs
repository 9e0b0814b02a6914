//! Drawing or writing on a copy.

use contracts::{Code, annotation, grading as pb};
use domain::annotation::Content;
use domain::{AnnotationId, Copy, MarkingScheme, Operation};
use prost::Message as _;
use store::{Entry, Tx};

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::recorded;
use crate::session::Session;
use crate::view;

/// The new annotation, or the answer that the same request got before.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CreateAnnotationRequest,
) -> Result<pb::Annotation, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let content = annotation::content(&request)?;
    let id = app.ids.next();
    let (annotation, event) = app
        .database
        .transaction("create_annotation", move |tx| {
            create(tx, &command, &request, (id, content))
        })
        .await?;
    recorded::publish(event);
    Ok(annotation)
}

fn create(
    tx: &mut Tx<'_>,
    command: &Command,
    request: &pb::CreateAnnotationRequest,
    (id, content): (AnnotationId, Content),
) -> Result<(pb::Annotation, Option<Entry>), Error> {
    let caller = command.admit(tx)?;
    // The same words on the same copy are the same request, whichever lock it is sent under.
    let said = pb::CreateAnnotationRequest {
        lock_token: String::new(),
        idempotency_key: String::new(),
        ..request.clone()
    };
    let keyed = Keyed::new(
        caller.user,
        "create_annotation",
        &request.idempotency_key,
        &[&said.encode_to_vec()],
    )?;
    if let Some(answer) = keyed.answered(tx)? {
        return Ok((reworded(answer, &content), None));
    }
    let (copy, asked) = command.lock(tx, caller)?;
    let token = presented(&request.lock_token);
    let editor = copy.editor(token, asked)?;
    let scheme = scheme_for(tx, &copy, &content)?;
    tx.annotations().load(copy.id)?.admits(None, &content)?;
    let correction = editor.annotate(id, content, scheme.as_ref())?;
    let event = tx.correct(&correction)?;
    let stored = tx.annotations().get(copy.id, id)?.ok_or(Code::Internal)?;
    let answer = view::annotation(&stored);
    keyed.remember(tx, &wordless(&answer))?;
    Ok((answer, Some(event)))
}

/// The answer without what the corrector wrote and drew: that is kept with the annotation only, and goes with it.
fn wordless(answer: &pb::Annotation) -> pb::Annotation {
    pb::Annotation {
        text: String::new(),
        ink: Vec::new(),
        ..answer.clone()
    }
}

/// The answer that was remembered, with the words of the request, which are the same as the first time.
fn reworded(answer: pb::Annotation, content: &Content) -> pb::Annotation {
    pb::Annotation {
        text: annotation::exposed(content.text.as_ref()),
        ink: annotation::strokes(&content.ink),
        ..answer
    }
}

/// The marking scheme, if the content refers to it. It stays as it is until the transaction ends.
pub(crate) fn scheme_for(
    tx: &mut Tx<'_>,
    copy: &Copy,
    content: &Content,
) -> Result<Option<MarkingScheme>, Error> {
    if content.question.is_none() {
        return Ok(None);
    }
    let exam = tx.exams().for_share(copy.exam)?.ok_or(Code::NotFound)?;
    Ok(exam.scheme)
}
