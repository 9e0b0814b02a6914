//! The exchanges and queues of Korrigo, and how they are declared.
//!
//! Declared by who publishes, at every connection and when a message finds no queue: what exists as it should be is left
//! alone, what is missing is made again. What exists otherwise is an error that only an operator can solve, and is never
//! deleted here.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ExchangeKind};

use crate::Error;

/// The exchange that jobs are published to.
pub const EXCHANGE: &str = "korrigo.jobs";
/// The queue of imports.
pub const IMPORT_QUEUE: &str = "korrigo.pdf.import";
/// The queue of final PDFs. Apart from the imports, so that a pile of these never delays a teacher.
pub const FINALIZE_QUEUE: &str = "korrigo.pdf.finalize";
/// The queue of readings of who wrote a copy. Slow, and in nobody's way.
pub const IDENTITY_QUEUE: &str = "korrigo.pdf.identity";

/// Deliveries of one message before it is put among the dead letters.
const DELIVERY_LIMIT: i32 = 5;
/// A longer queue refuses messages, and the publisher keeps them.
const MAX_LENGTH: i32 = 100_000;
const PRECONDITION_FAILED: u16 = 406;

/// Work queues behind a direct exchange, each with a queue of dead letters behind another.
///
/// The routing key of a queue is its name, also among the dead letters.
#[derive(Debug, Clone)]
pub struct Topology {
    /// Where messages are published.
    pub exchange: &'static str,
    /// Where the broker puts what was discarded or delivered too often.
    pub dead_exchange: &'static str,
    /// The work queues.
    pub queues: &'static [Queue],
}

/// One work queue.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// Its name and routing key.
    pub name: &'static str,
    /// The name of the queue of its dead letters.
    pub dead: &'static str,
}

impl Topology {
    /// The one of Korrigo.
    #[must_use]
    pub fn korrigo() -> Self {
        Self {
            exchange: EXCHANGE,
            dead_exchange: "korrigo.dead",
            queues: &[
                Queue {
                    name: IMPORT_QUEUE,
                    dead: "korrigo.pdf.import.dead",
                },
                Queue {
                    name: FINALIZE_QUEUE,
                    dead: "korrigo.pdf.finalize.dead",
                },
                Queue {
                    name: IDENTITY_QUEUE,
                    dead: "korrigo.pdf.identity.dead",
                },
            ],
        }
    }

    pub(crate) async fn declare(&self, connection: &Connection) -> Result<(), Error> {
        let channel = connection.create_channel().await.map_err(Error::Channel)?;
        for exchange in [self.exchange, self.dead_exchange] {
            declare_exchange(&channel, exchange).await?;
        }
        for queue in self.queues {
            // The dead letters' queue first: at no moment may a dead letter have nowhere to go.
            declare_queue(&channel, queue.dead, dead_arguments()).await?;
            bind(&channel, queue.dead, self.dead_exchange, queue.name).await?;
            declare_queue(&channel, queue.name, self.work_arguments(queue)).await?;
            bind(&channel, queue.name, self.exchange, queue.name).await?;
        }
        channel
            .close(200, "declared".into())
            .await
            .map_err(Error::Channel)
    }

    fn work_arguments(&self, queue: &Queue) -> FieldTable {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), text("quorum"));
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
        arguments.insert("x-dead-letter-exchange".into(), text(self.dead_exchange));
        arguments.insert("x-dead-letter-routing-key".into(), text(queue.name));
        // At-least-once needs reject-publish: with drop-head the broker silently falls back to at-most-once.
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-overflow".into(), text("reject-publish"));
        arguments.insert("x-max-length".into(), AMQPValue::LongInt(MAX_LENGTH));
        arguments
    }
}

fn dead_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

async fn declare_exchange(channel: &Channel, name: &'static str) -> Result<(), Error> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(name.into(), ExchangeKind::Direct, options, FieldTable::default())
        .await
        .map_err(|error| refused(name, error))
}

async fn declare_queue(channel: &Channel, name: &'static str, arguments: FieldTable) -> Result<(), Error> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(name.into(), options, arguments)
        .await
        .map_err(|error| refused(name, error))?;
    Ok(())
}

async fn bind(channel: &Channel, queue: &str, exchange: &str, routing_key: &str) -> Result<(), Error> {
    channel
        .queue_bind(
            queue.into(),
            exchange.into(),
            routing_key.into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .map_err(Error::Declare)
}

fn refused(name: &'static str, error: lapin::Error) -> Error {
    if let lapin::ErrorKind::ProtocolError(amqp) = error.kind()
        && amqp.get_id() == PRECONDITION_FAILED
    {
        return Error::TopologyMismatch { name };
    }
    Error::Declare(error)
}
