//! Publishing over one connection: many messages in flight, one for each channel.
//!
//! The client attributes a returned message to whichever confirmation of its channel comes next. When the broker
//! confirms several messages at once, that may be the wrong one: a lost message would count as sent. With a single
//! message in flight on a channel there is nothing to confuse.

use std::sync::{Mutex, PoisonError};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::PublishError;
use crate::connection::Link;

/// The most messages in flight.
const LANES: usize = 32;

/// A connection with its channels for publishing.
pub(crate) struct Lanes {
    link: Link,
    idle: Mutex<Vec<Channel>>,
    free: Semaphore,
    given_up: Notify,
    returned: Notify,
}

/// A message, ready for the wire.
pub(crate) struct Outgoing {
    pub(crate) exchange: ShortString,
    pub(crate) routing_key: ShortString,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Vec<u8>,
}

impl Lanes {
    pub(crate) fn new(link: Link) -> Self {
        Self {
            link,
            idle: Mutex::default(),
            free: Semaphore::new(LANES),
            given_up: Notify::new(),
            returned: Notify::new(),
        }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Waits for a free lane.
    pub(crate) async fn permit(&self) -> Result<SemaphorePermit<'_>, PublishError> {
        self.free
            .acquire()
            .await
            .map_err(|_closed| PublishError::Disconnected)
    }

    /// Publishes one message and waits for the broker's answer, without a time limit.
    pub(crate) async fn publish(&self, message: &Outgoing) -> Result<(), PublishError> {
        let channel = self.channel().await.map_err(|error| self.broken(&error))?;
        let confirmation = send(&channel, message)
            .await
            .map_err(|error| self.broken(&error))?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(channel);
        match confirmation {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_)) => {
                self.returned.notify_one();
                Err(PublishError::Returned)
            }
            Confirmation::Nack(_) => Err(PublishError::Nacked),
            Confirmation::NotRequested => Err(PublishError::Disconnected),
        }
    }

    /// Asks for a new connection in place of this one, which does not do any more.
    pub(crate) fn give_up(&self) {
        self.free.close();
        self.given_up.notify_one();
    }

    /// Waits until somebody gives the connection up.
    pub(crate) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    /// Waits until a message has come back because no queue was bound for it.
    pub(crate) async fn returned(&self) {
        self.returned.notified().await;
    }

    /// Ends the connection and everything that waits on it.
    pub(crate) fn cut(&self) {
        self.free.close();
        self.link.cut();
    }

    /// A channel's own errors end the connection too: what was declared on it may be gone.
    fn broken(&self, _reason: &lapin::Error) -> PublishError {
        self.give_up();
        PublishError::Disconnected
    }

    async fn channel(&self) -> lapin::Result<Channel> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(channel) = idle {
            return Ok(channel);
        }
        let channel = self.link.connection().create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(channel)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that publishes")]
async fn send(channel: &Channel, message: &Outgoing) -> lapin::Result<Confirmation> {
    // Mandatory: without it the broker confirms a message that no queue has taken.
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let (exchange, routing_key) = (message.exchange.clone(), message.routing_key.clone());
    channel
        .basic_publish(
            exchange,
            routing_key,
            options,
            &message.body,
            message.properties.clone(),
        )
        .await?
        .await
}
