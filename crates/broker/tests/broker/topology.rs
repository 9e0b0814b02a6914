//! The topology is declared where it is missing, and a different one is never repaired.

use std::num::NonZeroU16;

use broker::{Consumer, Error, FINALIZE_QUEUE, IMPORT_QUEUE, Outcome, State, Topology};

use testkit::Logged;
use testkit::proxy::Proxy;

use crate::harness::{Bench, Seen, config, connected, message, publish_in_the_end, within};

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

    let publisher = bench.start_publisher(bench.config());
    let refused = within(State::connected(publisher.state())).await;
    assert!(
        matches!(refused, Err(Error::TopologyMismatch { name: FINALIZE_QUEUE })),
        "{refused:?}"
    );

    let slots = NonZeroU16::MIN;
    let (consumer, run) = Consumer::new(
        bench.config(),
        Topology::korrigo(),
        IMPORT_QUEUE,
        slots,
        |_| async { Outcome::Ack },
    );
    within(run).await;
    let refused = within(State::connected(consumer.state())).await;
    assert!(
        matches!(refused, Err(Error::TopologyMismatch { name: FINALIZE_QUEUE })),
        "{refused:?}"
    );

    bench.ended().await;
    for connection in ["publisher", "consumer"] {
        let said = [("connection", connection), ("name", FINALIZE_QUEUE)];
        logged.wait_for("broker.topology_mismatch", &said).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_deleted_comes_back_and_is_consumed() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let proxy = Proxy::start(bench.broker.address()).await;
    let seen = Seen::default();
    let handler = seen.clone();
    let through_proxy = config(&bench.broker.url_through(proxy.address()));
    let consumer = bench
        .consumer_with(through_proxy, 1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Ack }
        })
        .await;

    bench.broker.delete_queue(IMPORT_QUEUE).await;
    proxy.wait_for_connections(2).await;
    connected(consumer.state()).await;

    publish_in_the_end(&publisher, &message("1")).await;
    seen.wait_for(1).await;
}
