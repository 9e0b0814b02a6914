//! The topology is declared where it is missing, and a different one is never repaired.

use broker::{Error, FINALIZE_QUEUE, IMPORT_QUEUE, Outcome, PublishError, State, Topology};
use testkit::{BrokerUser, Logged};

use crate::harness::{Bench, Seen, connected, message, publish_in_the_end, within};

#[tokio::test(flavor = "multi_thread")]
async fn every_queue_has_its_dead_letters() {
    let mut bench = Bench::new().await;
    let _publisher = bench.publisher().await;
    for queue in Topology::korrigo().queues {
        assert_eq!(bench.broker.depth(queue.name).await, Some(0));
        assert_eq!(bench.broker.depth(queue.dead).await, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_a_clear_failure_and_no_loop() {
    let logged = Logged::here();
    let mut bench = Bench::new().await;
    bench.broker.declare_classic_queue(FINALIZE_QUEUE).await;

    let publisher = bench.start_publisher(bench.config(BrokerUser::Grading));
    let refused = within(State::connected(publisher.state())).await;
    assert!(
        matches!(refused, Err(Error::TopologyMismatch { name: FINALIZE_QUEUE })),
        "{refused:?}"
    );

    bench.ended().await;
    let said = [("connection", "publisher"), ("name", FINALIZE_QUEUE)];
    logged.wait_for("broker.topology_mismatch", &said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_waits_for_its_queue_to_be_declared() {
    let logged = Logged::here();
    let mut bench = Bench::new().await;
    let seen = Seen::default();
    let handler = seen.clone();
    let config = bench.config(BrokerUser::Worker);
    let consumer = bench.start_consumer(config, 1, move |delivery| {
        handler.add(delivery);
        async { Outcome::Ack }
    });
    let said = [
        ("connection", "consumer"),
        ("error", "broker::Error::Consume: Error: AMQPError"),
    ];
    logged.wait_for("broker.unreachable", &said).await;
    assert_eq!(bench.broker.depth(IMPORT_QUEUE).await, None);

    let publisher = bench.publisher().await;
    connected(consumer.state()).await;
    publish_in_the_end(&publisher, &message("1")).await;
    seen.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_deleted_comes_back_with_the_next_message_and_is_consumed() {
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

    bench.broker.delete_queue(IMPORT_QUEUE).await;

    let returned = publisher.publish(message("1")).await;
    assert_eq!(returned, Err(PublishError::Returned));
    publish_in_the_end(&publisher, &message("1")).await;
    seen.wait_for(1).await;
}
