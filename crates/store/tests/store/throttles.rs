//! Counters of failed guesses: shared by all processes, and exact however many fail at once.

use chrono::TimeDelta;
use domain::Login;
use domain::secret::Secret;
use domain::throttle::{Counter, Key, Limits};

use crate::harness::Bench;

const LIMITS: Limits = Limits {
    free: 3,
    window: TimeDelta::hours(1),
    first_block: TimeDelta::seconds(30),
    longest_block: TimeDelta::minutes(15),
};

fn key(login: &str) -> Key {
    let login = Login::new(login).expect("a login");
    Key::of_login(&login, &Secret::new("pepper"))
}

async fn fail(bench: &Bench, key: Key) -> Counter {
    let counter = bench
        .tx(move |tx| {
            let now = tx.now()?;
            tx.throttles().fail(&key, LIMITS, now)
        })
        .await;
    counter.expect("the failure is counted")
}

async fn stored(bench: &Bench, key: Key) -> Option<Counter> {
    let counter = bench.tx(move |tx| tx.throttles().get(&key)).await;
    counter.expect("the counter is read")
}

#[tokio::test]
async fn failures_are_counted_per_key_until_they_are_cleared() {
    let bench = Bench::new().await;
    let (ada, tom) = (key("ada"), key("tom"));
    assert_eq!(stored(&bench, ada).await, None);
    for failures in 1..=4 {
        assert_eq!(fail(&bench, ada).await.failures, failures);
    }
    assert_eq!(fail(&bench, tom).await.failures, 1);
    let counter = stored(&bench, ada).await.expect("the counter is there");
    let now = bench.now().await.expect("the time");
    assert_eq!(counter.failures, 4);
    assert!(counter.blocked_for(now).is_some());
    bench
        .tx(move |tx| tx.throttles().clear(&ada))
        .await
        .expect("the counter is cleared");
    assert_eq!(stored(&bench, ada).await, None);
    assert_eq!(fail(&bench, ada).await.failures, 1);
}

#[tokio::test]
async fn no_failure_is_lost_when_many_fail_at_once() {
    let bench = Bench::new().await;
    let ada = key("ada");
    let once = || fail(&bench, ada);
    let (a, b, c, d) = tokio::join!(once(), once(), once(), once());
    let mut counted = [a, b, c, d].map(|counter| counter.failures);
    counted.sort_unstable();
    assert_eq!(counted, [1, 2, 3, 4]);
}

#[tokio::test]
async fn old_counters_are_forgotten_unless_they_still_block() {
    let bench = Bench::new().await;
    let (old, blocking, young) = (key("old"), key("blocking"), key("young"));
    fail(&bench, old).await;
    for _ in 0..4 {
        fail(&bench, blocking).await;
    }
    bench
        .database
        .run("UPDATE grading.throttles SET begun_at = now() - interval '2 hours'");
    fail(&bench, young).await;
    assert_eq!(
        bench.tx(|tx| tx.throttles().purge(TimeDelta::hours(1))).await,
        Ok(1)
    );
    assert_eq!(stored(&bench, old).await, None);
    assert!(stored(&bench, blocking).await.is_some() && stored(&bench, young).await.is_some());
}
