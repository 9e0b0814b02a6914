//! People log in and out, and come and go. `account_id` is the person that an administrator works on.

use std::time::Duration;

use domain::{StudentId, UserId};

use crate::code::Code;

events! {
    SESSION;

    SessionOpened = Info "session.opened" "somebody logged in" { user_id: UserId }
    SessionRefused = Warning "session.refused" "a login was refused" { reason: Code }
    SessionThrottled = Warning "session.throttled" "somebody who has failed too often has to wait" {
        scope: Code,
        wait: Duration,
    }
    SessionClosed = Info "session.closed" "somebody logged out" { user_id: UserId }
    AccessRefused = Warning "access.refused" "somebody may not do what they asked for" {
        operation: domain::Operation,
    }
    UserCreated = Info "user.created" "a user was created" { account_id: UserId, role: domain::Role }
    UserUpdated = Info "user.updated" "a user was changed" {
        account_id: UserId,
        role: domain::Role,
        disabled: bool,
    }
    UserDisabled = Info "user.disabled" "a user was locked out" { account_id: UserId, sessions: usize }
    UserInvited = Info "user.invited" "a user was invited to choose a password" { account_id: UserId }
    StudentsImported = Info "students.imported" "a list of pupils was taken in" {
        created: usize,
        updated: usize,
        unchanged: u32,
        refused: usize,
    }
    StudentUpdated = Info "student.updated" "a pupil was changed" { student_id: StudentId }
    StudentInvited = Info "student.invited" "a pupil was invited to choose a password" {
        student_id: StudentId,
        account_id: UserId,
    }
    InvitationAccepted = Info "user.invitation_accepted" "an invited user chose a password" { user_id: UserId }
    InvitationRefused = Warning "user.invitation_refused" "a token that invites nobody was presented" {}
    PasswordChanged = Info "user.password_changed" "a user changed their password" {
        user_id: UserId,
        sessions: usize,
    }
}
