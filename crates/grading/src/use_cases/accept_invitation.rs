//! Choosing a password with an invitation.

use contracts::{Code, Fields, Problem, grading as pb};
use domain::audit::{Actor, PasswordHow};
use domain::throttle::ClientAddress;
use domain::user::{AccountChange, By};
use domain::{InvitationToken, NewPassword, User};
use telemetry::events::{InvitationAccepted, InvitationRefused};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::throttling::Guesser;

/// Uses the invitation up and stores the password. A token that invites nobody is a failed guess.
pub(crate) async fn run(
    app: &App,
    request: pb::AcceptInvitationRequest,
) -> Result<pb::AcceptInvitationReply, Error> {
    let mut fields = Fields::default();
    let address: Option<ClientAddress> = fields.parse("/client_address", &request.client_address);
    let guesser = app
        .throttling
        .of_address(address.ok_or_else(|| fields.problem())?);
    let token = InvitationToken::from_caller(&request.token);
    let Some(invited) = find(app, token.clone(), guesser.clone()).await? else {
        guesser.failed(app).await?;
        telemetry::log(InvitationRefused {});
        return Err(Code::NotFound.into());
    };
    let password = NewPassword::chosen(&request.password, &invited.login, &invited.display_name)
        .map_err(|weakness| Problem::field("/password", weakness.into()))?;
    let hash = app.passwords.hash(password).await?;
    // Who was locked out by failed guesses, their own or another's, is let in again.
    let (id, account) = (invited.id, app.throttling.of_login(&invited.login));
    let by = By {
        actor: Actor::User(id),
        operation: app.ids.next(),
    };
    let changed = app
        .database
        .transaction("accept_invitation", move |tx| {
            let welcome = tx.users().for_update(&[id])?.iter().all(|user| !user.disabled);
            if !welcome || !tx.invitations().consume(token.digest())? {
                return Err(Code::NotFound.into());
            }
            account.succeeded(tx)?;
            let chosen = AccountChange::choose_password(id, hash, PasswordHow::Invitation, by);
            Ok::<_, Error>(tx.change_account(&chosen)?)
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(InvitationAccepted { user_id: id });
    Ok(pb::AcceptInvitationReply {})
}

async fn find(app: &App, token: InvitationToken, guesser: Guesser) -> Result<Option<User>, Error> {
    app.database
        .transaction("find_invitation", move |tx| {
            guesser.admit(tx)?;
            let Some(holder) = tx.invitations().holder(token.digest())? else {
                return Ok(None);
            };
            Ok(tx.users().get(holder)?.filter(|user| !user.disabled))
        })
        .await
}
