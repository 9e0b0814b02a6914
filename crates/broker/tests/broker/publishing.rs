//! A message counts as sent when it is in a queue, and never before.

use broker::{IMPORT_QUEUE, PublishError};
use futures::future::join_all;
use lapin::types::ShortString;

use crate::harness::{Bench, config, message, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_message_is_in_its_queue_and_would_survive_a_restart() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;

    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");

    let taken = bench
        .broker
        .take(IMPORT_QUEUE)
        .await
        .expect("the message is in the queue");
    assert_eq!(taken.delivery.data, b"a pointer");
    let properties = &taken.delivery.properties;
    assert_eq!(properties.delivery_mode(), &Some(2));
    assert_eq!(
        properties.message_id().as_ref().map(ShortString::as_str),
        Some("1")
    );
    assert_eq!(
        properties.correlation_id().as_ref().map(ShortString::as_str),
        Some("request-1")
    );
    assert_eq!(
        properties.kind().as_ref().map(ShortString::as_str),
        Some("test.v1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_no_queue_takes_is_returned_and_the_next_one_is_not_affected() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;

    let mut lost = message("1");
    lost.routing_key = "nowhere".to_owned();
    assert_eq!(publisher.publish(lost).await, Err(PublishError::Returned));

    publisher
        .publish(message("2"))
        .await
        .expect("the message is confirmed");
    assert_eq!(bench.broker.depth(IMPORT_QUEUE).await, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_many_in_flight_exactly_the_unroutable_ones_are_returned() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;

    let publishing = (0..400).map(|number: u32| {
        let mut message = message(&number.to_string());
        let lost = number.is_multiple_of(3);
        if lost {
            message.routing_key = "nowhere".to_owned();
        }
        let publisher = publisher.clone();
        async move { (lost, publisher.publish(message).await) }
    });
    for (lost, result) in join_all(publishing).await {
        assert_eq!(result, if lost { Err(PublishError::Returned) } else { Ok(()) });
    }
    assert_eq!(bench.broker.depth(IMPORT_QUEUE).await, Some(266));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_a_message() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    bench.broker.limit_length(IMPORT_QUEUE, 1).await;

    // The limit is not an exact one: the queue learns of it, and that it is reached, a moment later.
    let refused = within(async {
        loop {
            if let Err(error) = publisher.publish(message("1")).await {
                return error;
            }
        }
    })
    .await;
    assert_eq!(refused, PublishError::Nacked);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_publishers_share_a_queue() {
    let mut bench = Bench::new().await;
    let (one, other) = (bench.publisher().await, bench.publisher().await);

    let publishing = (0..50).flat_map(|number| {
        let id = number.to_string();
        [one.publish(message(&id)), other.publish(message(&id))]
    });
    for result in join_all(publishing).await {
        result.expect("the message is confirmed");
    }
    assert_eq!(bench.broker.depth(IMPORT_QUEUE).await, Some(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_is_refused_and_not_a_panic() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    assert_eq!(
        publisher.publish(message(&"x".repeat(256))).await,
        Err(PublishError::TooLong)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_without_a_connection_fails_at_once() {
    let mut bench = Bench::new().await;
    // Port 1 is nobody's.
    let publisher = bench.start_publisher(config("amqp://nobody:nothing@127.0.0.1:1/%2f"));
    assert_eq!(
        publisher.publish(message("1")).await,
        Err(PublishError::Disconnected)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_ends_with_the_last_publisher() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let clone = publisher.clone();

    drop(publisher);
    clone
        .publish(message("1"))
        .await
        .expect("the message is confirmed");
    drop(clone);

    bench.ended().await;
}
