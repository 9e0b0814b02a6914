//! Inviting a person to choose a password, for the first time or because they forgot theirs.

use chrono::TimeDelta;
use contracts::{Code, grading as pb, timestamp};
use domain::access::Relation;
use domain::{InvitationToken, Operation, UserId};
use store::Tx;
use telemetry::events::UserInvited;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::get_user;

/// A new invitation, which ends the one before. Until it is accepted, the person's password stays.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::InviteUserRequest,
) -> Result<pb::Invitation, Error> {
    let lifetime = app.invitation_lifetime;
    let (id, invitation) = app
        .database
        .transaction("invite_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let id = get_user::parse(&request.id)?;
            if tx.users().for_update(&[id])?.is_empty() {
                return Err(Code::NotFound.into());
            }
            Ok::<_, Error>((id, invite(tx, id, lifetime)?))
        })
        .await?;
    telemetry::log(UserInvited { account_id: id });
    Ok(invitation)
}

/// Invites a person, within the transaction of a use case.
pub(crate) fn invite(tx: &mut Tx<'_>, id: UserId, lifetime: TimeDelta) -> Result<pb::Invitation, Error> {
    let token = InvitationToken::random();
    let expires_at = tx.invitations().replace(token.digest(), id, lifetime)?;
    Ok(pb::Invitation {
        token: token.expose().to_owned(),
        expires_at: Some(timestamp(expires_at)),
    })
}
