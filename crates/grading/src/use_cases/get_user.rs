//! Reading a person's account.

use contracts::{Code, grading as pb};
use domain::access::Relation;
use domain::{Operation, UserId};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The account, for administrators.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetUserRequest,
) -> Result<pb::UserAccount, Error> {
    app.database
        .transaction("get_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadUsers, Relation::Stranger)?;
            read(tx, parse(&request.id)?)
        })
        .await
}

/// The id of an account. What is not one names nothing.
pub(crate) fn parse(id: &str) -> Result<UserId, Code> {
    id.parse().map_err(|_not_an_id| Code::NotFound)
}

/// The account as it is stored now.
pub(crate) fn read(tx: &mut Tx<'_>, id: UserId) -> Result<pb::UserAccount, Error> {
    let view = tx.users().view(id)?.ok_or(Code::NotFound)?;
    Ok(view::account(&view))
}
