//! The outbox: every message once per lease, none forgotten.

use std::time::Duration;

use chrono::TimeDelta;
use store::{Backlog, Envelope, PublishFault};

use crate::harness::Bench;

const LEASE: TimeDelta = TimeDelta::seconds(30);

async fn lease(bench: &Bench, limit: u16) -> Vec<(Envelope, i64)> {
    let leased = bench
        .tx(move |tx| tx.outbox().lease_due(limit, LEASE))
        .await
        .expect("a lease");
    leased
        .into_iter()
        .map(|leased| (leased.envelope, leased.attempts))
        .collect()
}

/// The bodies say which is which.
async fn enqueued(bench: &Bench, bodies: &[&str]) -> Vec<Envelope> {
    let (_, job) = bench.registered(b"scan").await;
    let first = lease(bench, 1).await.remove(0).0.id;
    bench
        .tx(move |tx| tx.outbox().mark_sent(&[first]))
        .await
        .expect("the first is sent");
    let envelope = |body: &&str| Envelope {
        body: body.as_bytes().to_vec(),
        ..bench.envelope(job)
    };
    let envelopes: Vec<Envelope> = bodies.iter().map(envelope).collect();
    let stored = envelopes.clone();
    let stored = bench.tx(move |tx| {
        stored
            .iter()
            .try_for_each(|envelope| tx.outbox().enqueue(envelope))
    });
    stored.await.expect("the messages are stored");
    envelopes
}

fn bodies(leased: &[(Envelope, i64)]) -> Vec<&str> {
    leased
        .iter()
        .map(|(envelope, _)| std::str::from_utf8(&envelope.body).expect("text"))
        .collect()
}

#[tokio::test]
async fn a_message_comes_out_as_it_went_in_and_is_leased_to_one() {
    let bench = Bench::new().await;
    let messages = enqueued(&bench, &["a"]).await;
    let (mut leased, attempts) = lease(&bench, 9).await.remove(0);
    leased.available_at = None;
    assert_eq!((&leased, attempts), (&messages[0], 1));
    assert_eq!(lease(&bench, 9).await, []);

    bench
        .database
        .run("UPDATE grading.outbox SET leased_until = now() WHERE sent_at IS NULL");
    assert_eq!(lease(&bench, 9).await[0].1, 2);
    let id = leased.id;
    bench
        .tx(move |tx| tx.outbox().mark_sent(&[id]))
        .await
        .expect("it is sent");
    assert_eq!(
        bench
            .database
            .count("SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL"),
        0
    );
}

#[tokio::test]
async fn two_relays_at_once_get_different_messages_and_do_not_wait() {
    let bench = Bench::new().await;
    enqueued(&bench, &["a", "b", "c"]).await;
    let (store, handle) = (bench.store.clone(), tokio::runtime::Handle::current());
    let (first, second) = bench
        .tx(move |tx| {
            let first = tx.outbox().lease_due(2, LEASE)?;
            // The first relay has not committed yet.
            let second = store.transaction("test", |tx| tx.outbox().lease_due(2, LEASE));
            Ok((first, handle.block_on(second)?))
        })
        .await
        .expect("both get their messages");
    let bodies = |leased: Vec<store::Leased>| {
        leased
            .into_iter()
            .map(|leased| leased.envelope.body)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (bodies(first), bodies(second)),
        (vec![b"a".to_vec(), b"b".to_vec()], vec![b"c".to_vec()])
    );
}

#[tokio::test]
async fn messages_come_in_the_order_in_which_they_are_due_and_not_before() {
    let bench = Bench::new().await;
    enqueued(&bench, &["later", "first", "second"]).await;
    bench.database.run(
        "UPDATE grading.outbox SET available_at = now() - interval '2 minutes' WHERE body = 'first';
         UPDATE grading.outbox SET available_at = now() - interval '1 minute' WHERE body = 'second';
         UPDATE grading.outbox SET available_at = now() + interval '1 minute' WHERE body = 'later'",
    );
    let backlog = bench
        .tx(|tx| tx.outbox().unsent_stats())
        .await
        .expect("the backlog");
    assert_eq!(backlog.unsent, 3);
    assert!((120..150).contains(&backlog.oldest.as_secs()), "{backlog:?}");
    assert_eq!(bodies(&lease(&bench, 9).await), ["first", "second"]);
}

#[tokio::test]
async fn a_message_that_was_not_published_comes_again_after_its_pause() {
    let bench = Bench::new().await;
    enqueued(&bench, &["a", "b"]).await;
    let leased = lease(&bench, 9).await;
    let (failed, untried) = (leased[0].0.id, leased[1].0.id);
    bench
        .tx(move |tx| {
            tx.outbox()
                .mark_failed(failed, PublishFault::Returned, TimeDelta::minutes(1))?;
            tx.outbox().release(&[untried])
        })
        .await
        .expect("it is noted");
    let again = lease(&bench, 9).await;
    assert_eq!((bodies(&again), again[0].1), (vec!["b"], 1));
    let noted = "SELECT count(*) FROM grading.outbox WHERE last_error = 'returned' AND leased_until IS NULL
        AND available_at > now() + interval '50 seconds'";
    assert_eq!(bench.database.count(noted), 1);
}

#[tokio::test]
async fn sent_messages_are_forgotten_after_a_while_and_unsent_ones_never() {
    let bench = Bench::new().await;
    enqueued(&bench, &["a"]).await;
    bench.database.run(
        "SET session_replication_role = replica;
         UPDATE grading.outbox SET sent_at = now() - interval '8 days' WHERE sent_at IS NOT NULL;
         UPDATE grading.outbox SET created_at = now() - interval '8 days', available_at = now() - interval '8 days'",
    );
    assert_eq!(
        bench.tx(|tx| tx.outbox().purge_sent(TimeDelta::days(9))).await,
        Ok(0)
    );
    assert_eq!(
        bench.tx(|tx| tx.outbox().purge_sent(TimeDelta::days(7))).await,
        Ok(1)
    );
    assert_eq!(bodies(&lease(&bench, 9).await), ["a"]);
}

#[tokio::test]
async fn an_empty_outbox_has_no_backlog_and_a_jobs_cause_is_known() {
    let bench = Bench::new().await;
    let (_, job) = bench.registered(b"scan").await;
    let cause = bench
        .tx(move |tx| tx.outbox().cause_of(job))
        .await
        .expect("a look")
        .expect("a cause");
    let message = bench.envelope(job);
    assert_eq!(
        (cause.request_id, cause.traceparent),
        (message.request_id, message.traceparent)
    );
    bench.database.run("DELETE FROM grading.outbox");
    assert_eq!(bench.tx(move |tx| tx.outbox().cause_of(job)).await, Ok(None));
    let backlog = bench.tx(|tx| tx.outbox().unsent_stats()).await;
    assert_eq!(
        backlog,
        Ok(Backlog {
            unsent: 0,
            oldest: Duration::ZERO
        })
    );
}
