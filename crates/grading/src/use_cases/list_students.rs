//! Listing and searching pupils.

use contracts::{FieldCode, Problem, grading as pb};
use domain::Operation;
use domain::access::Relation;
use domain::folding::fold;
use store::StudentFilter;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;

/// The longest search, in characters. Names are shorter.
const LONGEST: usize = 200;

/// A page of the pupils that a search finds, in the order of their names.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListStudentsRequest,
) -> Result<pb::ListStudentsReply, Error> {
    app.database
        .transaction("list_students", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadStudents, Relation::Stranger)?;
            let paging = Paging::parse(&request.cursor, request.limit)?;
            let filter = filter(request)?;
            let found = tx.students().page(&filter, paging.after, paging.limit)?;
            let found = found.ok_or_else(|| Problem::field("/cursor", FieldCode::UnknownReference))?;
            Ok(pb::ListStudentsReply {
                students: found.items.iter().map(Into::into).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}

fn filter(request: pb::ListStudentsRequest) -> Result<StudentFilter, Problem> {
    if request.search.chars().count() > LONGEST {
        return Err(Problem::field("/search", FieldCode::TooLong));
    }
    Ok(StudentFilter {
        words: fold(&request.search),
        class: request.class,
    })
}
