//! People log in and out.

use domain::UserId;

use crate::code::Code;

events! {
    SESSION;

    SessionOpened = Info "session.opened" "somebody logged in" { user_id: UserId }
    SessionRefused = Warning "session.refused" "a login was refused" { reason: Code }
    SessionClosed = Info "session.closed" "somebody logged out" { user_id: UserId }
    AccessRefused = Warning "access.refused" "somebody may not do what they asked for" {
        operation: domain::Operation,
    }
    UserCreated = Info "user.created" "a user was created" { user_id: UserId, role: domain::Role }
    PasswordRehashed = Info "user.password_rehashed" "a password was stored with newer parameters" { user_id: UserId }
}
