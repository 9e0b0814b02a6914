//! Sessions open doors for as long as they should, and no longer.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::audit::PasswordHow;
use domain::session::Lifetime;
use domain::user::AccountChange;
use domain::{PasswordHash, Role, SessionToken, Through};

use crate::harness::Bench;

async fn opened(bench: &Bench) -> SessionToken {
    let (token, teacher) = (SessionToken::random(), bench.teacher);
    let digest = token.digest();
    bench
        .tx(move |tx| {
            tx.sessions()
                .insert(digest, teacher, Through::Api, Lifetime::default())
        })
        .await
        .expect("a session");
    token
}

async fn opens(bench: &Bench, token: &SessionToken) -> bool {
    let digest = token.digest();
    let found = bench
        .tx(move |tx| tx.sessions().authenticate(digest, Lifetime::default()))
        .await;
    found.expect("a look").is_some()
}

#[tokio::test]
async fn a_token_says_who_its_holder_is() {
    let bench = Bench::new().await;
    let token = opened(&bench).await;
    let digest = token.digest();
    let (found, now) = bench
        .tx(move |tx| {
            Ok((
                tx.sessions().authenticate(digest, Lifetime::default())?,
                tx.now()?,
            ))
        })
        .await
        .expect("a look");
    let found = found.expect("the session is open");
    assert_eq!(
        (found.caller.user, found.caller.role),
        (bench.teacher, Role::Teacher)
    );
    assert_eq!(found.display_name.expose(), "Camille Exemple");
    assert!(found.expires_at > now + TimeDelta::hours(11));
    assert!(!opens(&bench, &SessionToken::from_caller("guessed")).await);
}

#[tokio::test]
async fn a_session_ends_by_logging_out_by_idling_by_age_and_with_its_owner() {
    let bench = Bench::new().await;
    for end in [
        "UPDATE grading.sessions SET last_seen_at = now() - interval '121 minutes'",
        "UPDATE grading.sessions SET created_at = now() - interval '721 minutes'",
        "UPDATE grading.sessions SET created_at = now() - interval '2 hours', expires_at = now()",
        "UPDATE grading.users SET disabled = true",
    ] {
        let token = opened(&bench).await;
        assert!(opens(&bench, &token).await);
        bench.database.run(end);
        assert!(!opens(&bench, &token).await, "{end}");
        bench.database.run("UPDATE grading.users SET disabled = false");
    }
    let token = opened(&bench).await;
    let digest = token.digest();
    bench
        .tx(move |tx| tx.sessions().delete(digest))
        .await
        .expect("the session is ended");
    assert!(!opens(&bench, &token).await);
    bench
        .tx(move |tx| tx.sessions().delete(digest))
        .await
        .expect("ending it again is no error");
}

#[tokio::test]
async fn use_keeps_a_session_alive_and_is_noted_at_most_once_a_minute() {
    let bench = Bench::new().await;
    let token = opened(&bench).await;
    let seen_again =
        "SELECT count(*) FROM grading.sessions WHERE last_seen_at > now() - interval '59 seconds'";
    // On a machine that stood still in between, the minute was over.
    let mut is_in_time = false;
    while !is_in_time {
        let since = Instant::now();
        bench
            .database
            .run("UPDATE grading.sessions SET last_seen_at = now() - interval '59 seconds'");
        assert!(opens(&bench, &token).await);
        is_in_time = since.elapsed() < Duration::from_secs(1);
    }
    assert_eq!(bench.database.count(seen_again), 0);
    bench
        .database
        .run("UPDATE grading.sessions SET last_seen_at = now() - interval '61 seconds'");
    assert!(opens(&bench, &token).await);
    assert_eq!(bench.database.count(seen_again), 1);
}

#[tokio::test]
async fn noting_the_use_never_waits_for_another_request() {
    let bench = Bench::new().await;
    let token = opened(&bench).await;
    bench
        .database
        .run("UPDATE grading.sessions SET last_seen_at = now() - interval '61 seconds'");
    let digest = token.digest();
    let store = bench.store.clone();
    let handle = tokio::runtime::Handle::current();
    bench
        .tx(move |tx| {
            assert!(tx.sessions().authenticate(digest, Lifetime::default())?.is_some());
            // While this transaction holds the row, another one gets its answer.
            let other = store.transaction("test", move |tx| {
                tx.sessions().authenticate(digest, Lifetime::default())
            });
            assert!(handle.block_on(other)?.is_some());
            Ok(())
        })
        .await
        .expect("both get their answer");
}

#[tokio::test]
async fn ended_sessions_are_forgotten_and_open_ones_kept() {
    let bench = Bench::new().await;
    opened(&bench).await;
    bench
        .database
        .run("UPDATE grading.sessions SET last_seen_at = now() - interval '3 hours'");
    let open = opened(&bench).await;
    assert_eq!(
        bench.tx(|tx| tx.sessions().purge(Lifetime::default())).await,
        Ok(1)
    );
    assert!(opens(&bench, &open).await);
}

#[tokio::test]
async fn all_sessions_of_a_person_end_together_and_those_of_others_go_on() {
    let bench = Bench::new().await;
    let (first, second) = (opened(&bench).await, opened(&bench).await);
    let (admin, token) = (bench.admin, SessionToken::random());
    let digest = token.digest();
    bench
        .tx(move |tx| {
            tx.sessions()
                .insert(digest, admin, Through::Commands, Lifetime::default())
        })
        .await
        .expect("the administrator logs in");
    let open = bench.tx(move |tx| tx.sessions().authenticate(digest, Lifetime::default()));
    let caller = open.await.expect("an answer").expect("an open session").caller;
    assert_eq!((caller.user, caller.through), (admin, Through::Commands));

    let hash = PasswordHash::restore("$argon2id$v=19$another");
    let chosen = AccountChange::choose_password(bench.teacher, hash, PasswordHow::Own, bench.by());
    let changed = bench.tx(move |tx| tx.change_account(&chosen)).await;
    assert_eq!(changed.map(|changed| changed.sessions), Ok(2));
    assert!(!opens(&bench, &first).await && !opens(&bench, &second).await);
    assert!(opens(&bench, &token).await);
}
