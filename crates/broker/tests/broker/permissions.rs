//! Each user of the broker is refused what is not its own. That they may do what is, every other test shows.

use broker::{EXCHANGE, IMPORT_QUEUE};
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use testkit::BrokerUser;

use crate::harness::Bench;

const DEAD_QUEUE: &str = "korrigo.pdf.import.dead";
const STRANGE: &str = "strange";
const ACCESS_REFUSED: u16 = 403;

/// What somebody may try to do.
#[derive(Debug, Clone, Copy)]
enum Act {
    DeclareExchange(&'static str),
    DeclareQueue(&'static str),
    Bind(&'static str),
    Delete(&'static str),
    Purge(&'static str),
    Get(&'static str),
    Consume(&'static str),
    Publish(&'static str),
}

use Act::{Bind, Consume, DeclareExchange, DeclareQueue, Delete, Get, Publish, Purge};

/// The exchange without a name, past which nobody would need a right.
const DEFAULT: &str = "";

const REFUSED: [(BrokerUser, &[Act]); 3] = [
    (
        BrokerUser::Grading,
        &[
            Get(DEAD_QUEUE),
            Consume(DEAD_QUEUE),
            Purge(DEAD_QUEUE),
            Publish(DEFAULT),
            DeclareExchange(STRANGE),
            DeclareQueue(STRANGE),
        ],
    ),
    (
        BrokerUser::Worker,
        &[
            DeclareExchange(EXCHANGE),
            DeclareQueue(IMPORT_QUEUE),
            DeclareQueue(STRANGE),
            Bind(IMPORT_QUEUE),
            Delete(IMPORT_QUEUE),
            Delete(DEAD_QUEUE),
            Get(DEAD_QUEUE),
            Consume(DEAD_QUEUE),
            Purge(DEAD_QUEUE),
            Publish(EXCHANGE),
            Publish(DEFAULT),
        ],
    ),
    (
        BrokerUser::Operator,
        &[
            DeclareExchange(EXCHANGE),
            DeclareQueue(DEAD_QUEUE),
            Bind(DEAD_QUEUE),
            Delete(IMPORT_QUEUE),
            Delete(DEAD_QUEUE),
            Get(IMPORT_QUEUE),
            Consume(IMPORT_QUEUE),
            Purge(IMPORT_QUEUE),
            Publish(EXCHANGE),
            Publish(DEFAULT),
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_user_is_refused_what_is_not_its_own() {
    let mut bench = Bench::new().await;
    let _declares = bench.publisher().await;
    for (user, acts) in REFUSED {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&bench.broker.url(user), properties).await;
        let connection = connection.expect("the user is let in");
        for act in acts {
            // A refusal ends its channel.
            let channel = connection.create_channel().await.expect("a channel");
            let refused = attempt(&channel, *act).await;
            assert_eq!(refused.err(), Some(ACCESS_REFUSED), "{user}: {act:?}");
        }
    }
    for queue in [IMPORT_QUEUE, DEAD_QUEUE] {
        assert_eq!(bench.broker.depth(queue).await, Some(0));
    }
    assert_eq!(bench.broker.depth(STRANGE).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_with_the_password_of_another() {
    let bench = Bench::new().await;
    for user in BrokerUser::ALL {
        let url = bench.broker.url(*user);
        for other in BrokerUser::ALL.iter().filter(|other| *other != user) {
            let wrong = url.replacen(&format!("-{user}@"), &format!("-{other}@"), 1);
            assert_ne!(wrong, url);
            let refused = Connection::connect(&wrong, ConnectionProperties::default()).await;
            let refused = refused.expect_err("it is no password of theirs");
            assert_eq!(code(&refused), ACCESS_REFUSED, "{user} as {other}");
        }
    }
}

/// Does it, and gives the code with which the broker refuses.
async fn attempt(channel: &Channel, act: Act) -> Result<(), u16> {
    done(channel, act).await.map_err(|error| code(&error))
}

/// What the broker says; if nobody said anything, the test is about nothing.
fn code(error: &lapin::Error) -> u16 {
    if let lapin::ErrorKind::ProtocolError(amqp) = error.kind() {
        amqp.get_id()
    } else {
        panic!("{error}")
    }
}

async fn done(channel: &Channel, act: Act) -> lapin::Result<()> {
    let table = FieldTable::default();
    match act {
        DeclareExchange(name) => {
            let (kind, options) = (ExchangeKind::Direct, ExchangeDeclareOptions::default());
            channel.exchange_declare(name.into(), kind, options, table).await
        }
        DeclareQueue(name) => {
            let options = QueueDeclareOptions::default();
            channel.queue_declare(name.into(), options, table).await.map(drop)
        }
        Bind(queue) => {
            let (exchange, key, options) = (EXCHANGE.into(), "other".into(), QueueBindOptions::default());
            channel
                .queue_bind(queue.into(), exchange, key, options, table)
                .await
        }
        Delete(queue) => {
            let options = QueueDeleteOptions::default();
            channel.queue_delete(queue.into(), options).await.map(drop)
        }
        Purge(queue) => {
            let options = QueuePurgeOptions::default();
            channel.queue_purge(queue.into(), options).await.map(drop)
        }
        Get(queue) => {
            let options = BasicGetOptions::default();
            channel.basic_get(queue.into(), options).await.map(drop)
        }
        Consume(queue) => {
            let options = BasicConsumeOptions::default();
            channel
                .basic_consume(queue.into(), "".into(), options, table)
                .await
                .map(drop)
        }
        Publish(exchange) => published(channel, exchange).await,
    }
}

/// A refusal comes with the confirmation only.
#[expect(clippy::disallowed_methods, reason = "what no publisher of ours would send")]
async fn published(channel: &Channel, exchange: &str) -> lapin::Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (key, options) = (IMPORT_QUEUE.into(), BasicPublishOptions::default());
    let sent = channel.basic_publish(
        exchange.into(),
        key,
        options,
        b"forged",
        BasicProperties::default(),
    );
    sent.await?.await.map(drop)
}
