//! Listing copies.

use std::collections::HashMap;

use contracts::{Fields, grading as pb};
use domain::access::Listing;
use domain::{Caller, CopyId, ExamId, Status, Student};
use store::{CopyFilter, CopyView, Tx};

use crate::app::App;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the copies that the caller may see, oldest first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListCopiesRequest,
) -> Result<pb::ListCopiesReply, Error> {
    let paging = Paging::parse(&request.cursor, request.limit)?;
    let mut fields = Fields::default();
    let exam: Option<ExamId> = given(&request.exam_id).and_then(|text| fields.parse("/exam_id", text));
    let status: Option<Status> = given(&request.status).and_then(|text| fields.parse("/status", text));
    if !fields.all_right() {
        return Err(fields.problem().into());
    }
    app.database
        .transaction("list_copies", move |tx| {
            let caller = session.caller(tx)?;
            let visible_to = match caller.lists() {
                Listing::Everything => request.assigned_to_me.then_some(caller.user),
                Listing::Assigned => Some(caller.user),
                Listing::Nothing => return Ok(pb::ListCopiesReply::default()),
            };
            let filter = CopyFilter {
                exam,
                status,
                visible_to,
                unidentified: false,
            };
            let found = tx.copies().page(&filter, paging.after, paging.limit)?;
            let now = tx.now()?;
            let authors = authors(tx, caller, &found.items)?;
            let copies = found.items.iter().map(|found| pb::Copy {
                identity: authors.get(&found.copy.id).map(Into::into),
                ..view::copy(found, caller.user, now)
            });
            Ok(pb::ListCopiesReply {
                copies: copies.collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}

/// Who wrote the copies, for who may see it.
fn authors(tx: &mut Tx<'_>, caller: Caller, copies: &[CopyView]) -> Result<HashMap<CopyId, Student>, Error> {
    if !caller.sees_identities() {
        return Ok(HashMap::new());
    }
    let copies: Vec<CopyId> = copies.iter().map(|found| found.copy.id).collect();
    Ok(tx.students().of_copies(&copies)?)
}

/// A filter that may be absent.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
