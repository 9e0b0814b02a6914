//! People with access, as administrators see them.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::Role;
use super::time;

/// A person with access.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    #[schema(format = Uuid)]
    pub(crate) id: String,
    #[schema(value_type = Role)]
    role: String,
    login: String,
    display_name: String,
    /// Whether they are locked out.
    disabled: bool,
    /// Whether they have not chosen a password yet.
    invited: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// An invitation to choose a password. Hand the token over in a link; it is given out once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    token: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A person who was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitedAccount {
    pub(crate) user: Account,
    invitation: Invitation,
}

impl From<pb::UserAccount> for Account {
    fn from(account: pb::UserAccount) -> Self {
        Self {
            id: account.id,
            role: account.role,
            login: account.login,
            display_name: account.display_name,
            disabled: account.disabled,
            invited: account.invited,
            created_at: time::required(account.created_at.as_ref()),
        }
    }
}

impl From<pb::Invitation> for Invitation {
    fn from(invitation: pb::Invitation) -> Self {
        Self {
            token: invitation.token,
            expires_at: time::required(invitation.expires_at.as_ref()),
        }
    }
}

impl From<pb::InviteStudentReply> for InvitedAccount {
    fn from(reply: pb::InviteStudentReply) -> Self {
        Self {
            user: reply.user.unwrap_or_default().into(),
            invitation: reply.invitation.unwrap_or_default().into(),
        }
    }
}

impl From<pb::CreateUserReply> for InvitedAccount {
    fn from(reply: pb::CreateUserReply) -> Self {
        Self {
            user: reply.user.unwrap_or_default().into(),
            invitation: reply.invitation.unwrap_or_default().into(),
        }
    }
}
