//! Keeping what the caller has not saved yet.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::draft::{ClientId, Draft, DraftContent, DraftPayload};
use domain::{CopyId, Operation, UserId};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The draft as it is stored now. What another window has saved since is not overwritten.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::PutDraftRequest,
) -> Result<pb::Draft, Error> {
    let id: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let content = parse(&request)?;
    let attempt = async || {
        let (session, content, seen) = (session.clone(), content.clone(), request.version);
        app.database
            .transaction("put_draft", move |tx| {
                let caller = session.caller(tx)?;
                authorization::on_copy(tx, caller, Operation::CorrectCopy, id)?;
                // Who erases the copy meanwhile waits, or has done it.
                tx.copies().for_update(id)?.ok_or(Code::NotFound)?;
                save(tx, (id, caller.user), seen, content)
            })
            .await
    };
    match attempt().await {
        // Of two windows that save first at once, this one finds the draft of the other now.
        Err(Error::Store(store::Error::Stale { .. })) => attempt().await,
        answered => answered,
    }
}

fn save(
    tx: &mut Tx<'_>,
    (copy, user): (CopyId, UserId),
    seen: i64,
    content: DraftContent,
) -> Result<pb::Draft, Error> {
    let last = tx.drafts().last(copy, user)?;
    let saved = Draft::saved(last.as_ref(), (copy, user), seen, content);
    let draft = saved
        .map_err(|overtaken| Problem::of(Code::NewerDraft).with("version", overtaken.version.to_string()))?;
    let saved_at = tx.drafts().save(&draft)?;
    Ok(view::draft(&draft, saved_at))
}

fn parse(request: &pb::PutDraftRequest) -> Result<DraftContent, Problem> {
    let mut fields = Fields::default();
    let client = fields.check(
        "/client_id",
        ClientId::new(&request.client_id),
        FieldCode::Malformed,
    );
    let Some(client) = client else {
        return Err(fields.problem());
    };
    let payload = DraftPayload::new(&request.payload).ok_or(Code::TooLarge)?;
    Ok(DraftContent { client, payload })
}
