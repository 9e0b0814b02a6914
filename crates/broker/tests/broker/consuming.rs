//! Every message is settled as its handler says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use broker::{Backoff, Delivery, IMPORT_QUEUE, Outcome};
use lapin::types::ShortString;
use testkit::{BrokerUser, Logged};
use tokio::sync::{Notify, Semaphore};

use crate::harness::{Bench, Seen, message, within};

const DEAD_QUEUE: &str = "korrigo.pdf.import.dead";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_as_it_was_published() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let seen = Seen::default();
    let handler = seen.clone();
    bench
        .consumer(1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Ack }
        })
        .await;

    let mut sent = message("1");
    sent.headers = vec![
        (
            "traceparent".to_owned(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        ),
        ("x-request-id".to_owned(), "request-1".to_owned()),
    ];
    publisher
        .publish(sent.clone())
        .await
        .expect("the message is confirmed");

    let expected = Delivery {
        id: sent.id,
        correlation_id: sent.correlation_id,
        kind: sent.kind,
        headers: sent.headers,
        body: sent.body,
        tag: 1,
        redelivered: false,
        delivery_count: 0,
    };
    assert_eq!(seen.wait_for(1).await, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_always_fails_becomes_a_dead_letter() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let seen = Seen::default();
    let handler = seen.clone();
    bench
        .consumer(1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Retry }
        })
        .await;

    publisher
        .publish(message("poison"))
        .await
        .expect("the message is confirmed");
    bench.broker.wait_for_depth(DEAD_QUEUE, 1).await;

    let counts: Vec<u32> = seen
        .all()
        .iter()
        .map(|delivery| delivery.delivery_count)
        .collect();
    assert_eq!(counts, [0, 1, 2, 3, 4, 5]);
    let dead = bench
        .broker
        .take(DEAD_QUEUE)
        .await
        .expect("there is a dead letter");
    assert_eq!(
        dead.delivery
            .properties
            .message_id()
            .as_ref()
            .map(ShortString::as_str),
        Some("poison")
    );
    assert_eq!(bench.broker.depth(IMPORT_QUEUE).await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_has_its_message_tried_again() {
    let logged = Logged::here();
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let seen = Seen::default();
    let handler = seen.clone();
    bench
        .consumer(1, move |delivery| {
            let first = !delivery.redelivered;
            handler.add(delivery);
            async move {
                assert!(!first, "the first delivery is one too many");
                Outcome::Ack
            }
        })
        .await;

    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");

    let deliveries = seen.wait_for(2).await;
    let redelivered: Vec<bool> = deliveries.iter().map(|delivery| delivery.redelivered).collect();
    assert_eq!(redelivered, [false, true]);
    logged.wait_for("broker.handler_panicked", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_message_becomes_a_dead_letter_at_once() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let seen = Seen::default();
    let handler = seen.clone();
    bench
        .consumer(1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Discard }
        })
        .await;

    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");

    bench.broker.wait_for_depth(DEAD_QUEUE, 1).await;
    assert_eq!(seen.all().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_messages_are_worked_on_than_there_are_slots() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    for id in 0..6 {
        publisher
            .publish(message(&id.to_string()))
            .await
            .expect("the message is confirmed");
    }

    let seen = Seen::default();
    let (handler, working) = (seen.clone(), Arc::new(AtomicUsize::new(0)));
    let finish = Arc::new(Semaphore::new(0));
    let may_finish = Arc::clone(&finish);
    bench
        .consumer(2, move |delivery| {
            let (working, may_finish) = (Arc::clone(&working), Arc::clone(&may_finish));
            assert!(
                working.fetch_add(1, Ordering::SeqCst) < 2,
                "both slots were taken"
            );
            handler.add(delivery);
            async move {
                may_finish.acquire().await.expect("it is not closed").forget();
                working.fetch_sub(1, Ordering::SeqCst);
                Outcome::Ack
            }
        })
        .await;

    for done in 0..6 {
        seen.wait_for(6.min(done + 2)).await;
        finish.add_permits(1);
    }
    assert!(
        seen.wait_for(6)
            .await
            .iter()
            .all(|delivery| !delivery.redelivered)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_waits_for_what_runs_and_leaves_the_rest_in_the_queue() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let (seen, finish) = (Seen::default(), Arc::new(Notify::new()));
    let (handler, may_finish) = (seen.clone(), Arc::clone(&finish));
    let consumer = bench
        .consumer(1, move |delivery| {
            handler.add(delivery);
            let may_finish = Arc::clone(&may_finish);
            async move {
                may_finish.notified().await;
                Outcome::Ack
            }
        })
        .await;
    for id in ["1", "2", "3"] {
        publisher
            .publish(message(id))
            .await
            .expect("the message is confirmed");
    }
    seen.wait_for(1).await;

    consumer.cancel();
    let mut drained = Box::pin(consumer.drained());
    assert!(futures::poll!(drained.as_mut()).is_pending());
    finish.notify_one();
    within(drained).await;

    assert_eq!(seen.all().len(), 1);
    bench.broker.wait_for_depth(IMPORT_QUEUE, 2).await;
    drop(publisher);
    bench.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_before_a_retry_does_not_hold_up_the_end() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let seen = Seen::default();
    let handler = seen.clone();
    let mut config = bench.config(BrokerUser::Worker);
    config.retry = Backoff {
        min: Duration::from_hours(1),
        max: Duration::from_hours(1),
    };
    let consumer = bench
        .consumer_with(config, 1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Retry }
        })
        .await;
    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");
    seen.wait_for(1).await;

    consumer.cancel();
    within(consumer.drained()).await;

    bench.broker.wait_for_depth(IMPORT_QUEUE, 1).await;
}
