//! Inviting a person to choose a password, for the first time or because they forgot theirs.

use contracts::{Code, grading as pb, timestamp};
use domain::access::Relation;
use domain::user::{AccountChange, By, Invite};
use domain::{InvitationToken, Operation};
use store::ChangedAccount;
use telemetry::events::UserInvited;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_user;

/// A new invitation, which ends the one before. Until it is accepted, the person's password stays.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::InviteUserRequest,
) -> Result<pb::Invitation, Error> {
    let operation = app.ids.next();
    let (token, invite) = new(app);
    let (changed, invitation) = app
        .database
        .transaction("invite_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let id = get_user::parse(&request.id)?;
            if tx.users().for_update(&[id])?.is_empty() {
                return Err(Code::NotFound.into());
            }
            let actor = caller.actor();
            let invited = AccountChange::invite(id, invite, By { actor, operation });
            let changed = tx.change_account(&invited)?;
            Ok::<_, Error>((changed, invitation(&token, changed)))
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(UserInvited {
        account_id: changed.id,
    });
    Ok(invitation)
}

/// A token, and the invitation that it opens.
pub(crate) fn new(app: &App) -> (InvitationToken, Invite) {
    let token = InvitationToken::random();
    let invite = Invite {
        token: token.digest(),
        lifetime: app.invitation_lifetime,
    };
    (token, invite)
}

/// The invitation as whoever invites gets it.
pub(crate) fn invitation(token: &InvitationToken, changed: ChangedAccount) -> pb::Invitation {
    pb::Invitation {
        token: token.expose().to_owned(),
        expires_at: changed.invited_until.map(timestamp),
    }
}
