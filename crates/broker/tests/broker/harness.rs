//! What the tests share: publishers and consumers that run, and what a handler saw.

use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker::{
    Backoff, Config, Consumer, Delivery, Message, Outcome, PublishError, Publisher, State, Topology,
};
use testkit::{BrokerUser, TestBroker};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long a test waits for something to become true.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A virtual host, and what runs against it.
pub struct Bench {
    pub broker: TestBroker,
    running: JoinSet<()>,
}

impl Bench {
    pub async fn new() -> Self {
        Self {
            broker: TestBroker::create().await,
            running: JoinSet::new(),
        }
    }

    pub fn config(&self, user: BrokerUser) -> Config {
        config(&self.broker.url(user))
    }

    /// A publisher that is not connected yet.
    pub fn start_publisher(&mut self, config: Config) -> Publisher {
        let (publisher, run) = Publisher::new(config, Topology::korrigo());
        self.running.spawn(run);
        publisher
    }

    /// A publisher that is connected.
    pub async fn publisher(&mut self) -> Publisher {
        let publisher = self.start_publisher(self.config(BrokerUser::Grading));
        connected(publisher.state()).await;
        publisher
    }

    /// A consumer of the imports that is connected.
    pub async fn consumer<H, F>(&mut self, slots: u16, handler: H) -> Consumer
    where
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        self.consumer_with(self.config(BrokerUser::Worker), slots, handler)
            .await
    }

    /// The same with other settings.
    pub async fn consumer_with<H, F>(&mut self, config: Config, slots: u16, handler: H) -> Consumer
    where
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let consumer = self.start_consumer(config, slots, handler);
        connected(consumer.state()).await;
        consumer
    }

    /// A consumer of the imports that is not connected yet.
    pub fn start_consumer<H, F>(&mut self, config: Config, slots: u16, handler: H) -> Consumer
    where
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let slots = NonZeroU16::new(slots).expect("a consumer has a slot");
        let (consumer, run) = Consumer::new(config, broker::IMPORT_QUEUE, slots, handler);
        self.running.spawn(run);
        consumer
    }

    /// Waits until everything that runs has ended.
    pub async fn ended(&mut self) {
        within(async { while self.running.join_next().await.is_some() {} }).await;
    }
}

/// Settings for impatient tests.
pub fn config(url: &str) -> Config {
    let mut config = Config::new(url, None, "broker tests").expect("the URL is an AMQP URL");
    config.backoff = Backoff {
        min: Duration::from_millis(20),
        max: Duration::from_millis(200),
    };
    config.retry = Backoff {
        min: Duration::from_millis(1),
        max: Duration::from_millis(10),
    };
    config
}

/// An import's message, of which the id tells it from others.
pub fn message(id: &str) -> Message {
    Message {
        routing_key: broker::IMPORT_QUEUE.to_owned(),
        id: id.to_owned(),
        correlation_id: "request-1".to_owned(),
        kind: "test.v1".to_owned(),
        headers: Vec::new(),
        body: b"a pointer".to_vec(),
    }
}

pub async fn connected(state: watch::Receiver<State>) {
    within(State::connected(state))
        .await
        .expect("the topology is right");
}

/// Publishes until it works.
pub async fn publish_in_the_end(publisher: &Publisher, message: &Message) {
    within(async {
        while let Err(error) = publisher.publish(message.clone()).await {
            assert!(
                matches!(
                    error,
                    PublishError::Disconnected | PublishError::TimedOut | PublishError::Returned
                ),
                "{error}"
            );
            sleep(PAUSE).await;
        }
    })
    .await;
}

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| panic!("nothing happened in {PATIENCE:?}"))
}

/// Everything a handler was given.
#[derive(Clone, Default)]
pub struct Seen {
    deliveries: Arc<Mutex<Vec<Delivery>>>,
    count: Arc<watch::Sender<usize>>,
}

impl Seen {
    pub fn add(&self, delivery: Delivery) {
        let mut deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        deliveries.push(delivery);
        self.count.send_replace(deliveries.len());
    }

    /// Waits until there are `count`, and returns what there is.
    pub async fn wait_for(&self, count: usize) -> Vec<Delivery> {
        within(self.count.subscribe().wait_for(|seen| *seen >= count))
            .await
            .expect("the sender is here");
        self.all()
    }

    pub fn all(&self) -> Vec<Delivery> {
        self.deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
