//! Connections break, and come back by themselves.

use std::sync::Arc;
use std::time::Duration;

use broker::{IMPORT_QUEUE, Outcome, PublishError};
use testkit::proxy::Proxy;
use testkit::{BrokerUser, Logged};
use tokio::sync::Notify;

use crate::harness::{Bench, Seen, config, connected, message, publish_in_the_end, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_connection_was_closed_is_delivered_again() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let (seen, finish) = (Seen::default(), Arc::new(Notify::new()));
    let (handler, may_finish) = (seen.clone(), Arc::clone(&finish));
    bench
        .consumer(2, move |delivery| {
            let first = !delivery.redelivered;
            handler.add(delivery);
            let may_finish = Arc::clone(&may_finish);
            async move {
                if first {
                    may_finish.notified().await;
                }
                Outcome::Ack
            }
        })
        .await;
    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");
    seen.wait_for(1).await;

    bench.broker.close_connections(2).await;

    let deliveries = seen.wait_for(2).await;
    let redelivered: Vec<bool> = deliveries.iter().map(|delivery| delivery.redelivered).collect();
    assert_eq!(redelivered, [false, true]);
    // The first handler acknowledges on a connection that is gone, which harms nobody.
    finish.notify_one();
    publish_in_the_end(&publisher, &message("2")).await;
    let deliveries = seen.wait_for(3).await;
    assert_eq!(deliveries.last().map(|delivery| delivery.id.as_str()), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn publisher_and_consumer_come_back_after_the_network_was_cut() {
    let mut bench = Bench::new().await;
    let proxy = Proxy::start(bench.broker.address()).await;
    let through_proxy = |user| config(&bench.broker.url_through(user, proxy.address()));
    let (to_publish, to_consume) = (
        through_proxy(BrokerUser::Grading),
        through_proxy(BrokerUser::Worker),
    );
    let publisher = bench.start_publisher(to_publish);
    connected(publisher.state()).await;
    let seen = Seen::default();
    let handler = seen.clone();
    let consumer = bench
        .consumer_with(to_consume, 1, move |delivery| {
            handler.add(delivery);
            async { Outcome::Ack }
        })
        .await;

    proxy.cut();
    proxy.wait_for_connections(4).await;
    connected(consumer.state()).await;

    publish_in_the_end(&publisher, &message("1")).await;
    seen.wait_for(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_confirm_is_given_up_and_asked_again() {
    let mut bench = Bench::new().await;
    let proxy = Proxy::start(bench.broker.address()).await;
    let mut config = config(&bench.broker.url_through(BrokerUser::Grading, proxy.address()));
    config.confirm_timeout = Duration::from_secs(8);
    let publisher = bench.start_publisher(config);
    connected(publisher.state()).await;

    publisher
        .publish(message("0"))
        .await
        .expect("the message is confirmed");

    proxy.hold_replies(true);
    assert_eq!(publisher.publish(message("1")).await, Err(PublishError::TimedOut));
    proxy.wait_for_connections(2).await;
    proxy.hold_replies(false);

    publish_in_the_end(&publisher, &message("1")).await;
    // Twice is right: the first one had arrived, and nobody could know.
    bench.broker.wait_for_depth(IMPORT_QUEUE, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_accepts_and_says_nothing_does_not_hold_up_for_ever() {
    let logged = Logged::here();
    let mut bench = Bench::new().await;
    let proxy = Proxy::start(bench.broker.address()).await;
    proxy.pause(true);
    let mut config = config(&bench.broker.url_through(BrokerUser::Grading, proxy.address()));
    config.connect_timeout = Duration::from_secs(1);
    let publisher = bench.start_publisher(config);

    proxy.wait_for_connections(2).await;
    let said = [
        ("connection", "publisher"),
        ("attempts", "1"),
        ("error", "broker::Error::ConnectTimeout"),
    ];
    logged.wait_for("broker.unreachable", &said).await;
    proxy.pause(false);
    connected(publisher.state()).await;
    publish_in_the_end(&publisher, &message("1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_ends_although_the_connection_is_lost() {
    let mut bench = Bench::new().await;
    let publisher = bench.publisher().await;
    let (seen, finish) = (Seen::default(), Arc::new(Notify::new()));
    let (handler, may_finish) = (seen.clone(), Arc::clone(&finish));
    let proxy = Proxy::start(bench.broker.address()).await;
    let consumer = bench
        .consumer_with(
            config(&bench.broker.url_through(BrokerUser::Worker, proxy.address())),
            1,
            move |delivery| {
                handler.add(delivery);
                let may_finish = Arc::clone(&may_finish);
                async move {
                    may_finish.notified().await;
                    Outcome::Ack
                }
            },
        )
        .await;
    publisher
        .publish(message("1"))
        .await
        .expect("the message is confirmed");
    seen.wait_for(1).await;

    consumer.cancel();
    proxy.cut();
    finish.notify_one();
    within(consumer.drained()).await;

    bench.broker.wait_for_depth(IMPORT_QUEUE, 1).await;
}
