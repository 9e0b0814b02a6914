//! Sessions and the people behind them.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::Role;
use super::time;

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct CurrentSession {
    user: User,
}

/// A session that was just opened.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenedSession {
    /// The bearer token. It is given out once.
    token: String,
    /// When the session ends at the latest.
    #[schema(format = DateTime)]
    expires_at: String,
    user: User,
}

/// A person with access.
#[derive(Serialize, ToSchema)]
pub(crate) struct User {
    #[schema(format = Uuid)]
    id: String,
    #[schema(value_type = Role)]
    role: String,
    display_name: String,
    /// Their password was chosen by somebody else. Ask for another; nothing is blocked meanwhile.
    must_change_password: bool,
}

impl From<pb::User> for User {
    fn from(user: pb::User) -> Self {
        Self {
            id: user.id,
            role: user.role,
            display_name: user.display_name,
            must_change_password: user.must_change_password,
        }
    }
}

impl From<pb::User> for CurrentSession {
    fn from(user: pb::User) -> Self {
        Self { user: user.into() }
    }
}

impl From<pb::OpenSessionReply> for OpenedSession {
    fn from(reply: pb::OpenSessionReply) -> Self {
        Self {
            token: reply.token,
            expires_at: time::required(reply.expires_at.as_ref()),
            user: reply.user.unwrap_or_default().into(),
        }
    }
}
