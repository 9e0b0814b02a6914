//! Invitations: one per person, good for one use and a limited time.

use chrono::TimeDelta;
use domain::audit::PasswordHow;
use domain::user::{AccountChange, Invite};
use domain::{InvitationToken, PasswordHash, UserId};

use crate::harness::Bench;

async fn invited(bench: &Bench, user: UserId) -> InvitationToken {
    let token = InvitationToken::random();
    let invite = Invite {
        token: token.digest(),
        lifetime: TimeDelta::days(7),
    };
    let invited = AccountChange::invite(user, invite, bench.by());
    let changed = bench.tx(move |tx| tx.change_account(&invited)).await;
    let until = changed.expect("the person is invited").invited_until;
    assert!(until.is_some(), "it ends");
    token
}

async fn holder(bench: &Bench, token: &InvitationToken) -> Option<UserId> {
    let digest = token.digest();
    let holder = bench.tx(move |tx| tx.invitations().holder(digest)).await;
    holder.expect("the invitation is looked up")
}

async fn consumed(bench: &Bench, token: &InvitationToken) -> bool {
    let digest = token.digest();
    let consumed = bench.tx(move |tx| tx.invitations().consume(digest)).await;
    consumed.expect("the invitation is used")
}

#[tokio::test]
async fn an_invitation_is_good_for_one_use() {
    let bench = Bench::new().await;
    let token = invited(&bench, bench.teacher).await;
    assert_eq!(holder(&bench, &token).await, Some(bench.teacher));
    assert!(consumed(&bench, &token).await);
    assert!(!consumed(&bench, &token).await);
    assert_eq!(holder(&bench, &token).await, None);
}

#[tokio::test]
async fn a_new_invitation_ends_the_one_before_and_leaves_those_of_others() {
    let bench = Bench::new().await;
    let others = invited(&bench, bench.admin).await;
    let first = invited(&bench, bench.teacher).await;
    let second = invited(&bench, bench.teacher).await;
    assert_eq!(holder(&bench, &first).await, None);
    assert_eq!(holder(&bench, &second).await, Some(bench.teacher));
    let hash = PasswordHash::restore("$argon2id$v=19$another");
    let chosen = AccountChange::choose_password(bench.teacher, hash, PasswordHow::Invitation, bench.by());
    let changed = bench.tx(move |tx| tx.change_account(&chosen)).await;
    assert!(changed.is_ok(), "who has chosen a password needs no invitation");
    assert_eq!(holder(&bench, &second).await, None);
    assert_eq!(holder(&bench, &others).await, Some(bench.admin));
}

#[tokio::test]
async fn an_expired_invitation_opens_nothing_and_is_forgotten() {
    let bench = Bench::new().await;
    let expired = invited(&bench, bench.teacher).await;
    bench
        .database
        .run("UPDATE grading.invitations SET created_at = now() - interval '8 days', expires_at = now() - interval '1 day'");
    let good = invited(&bench, bench.admin).await;
    assert_eq!(holder(&bench, &expired).await, None);
    assert!(!consumed(&bench, &expired).await);
    assert_eq!(bench.tx(|tx| tx.invitations().purge()).await, Ok(1));
    assert!(consumed(&bench, &good).await);
}
