//! Consuming over one connection: a channel with its prefetch, and the deliveries that come over it.

use std::num::NonZeroU16;

use futures::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::time::timeout;

use crate::Error;
use crate::connection::{FAREWELL, Link};
use crate::report::consumer_cancelled;

/// A queue being consumed.
pub(crate) struct Session {
    // In the order of dropping: the consumer belongs to the channel, and that one to the connection.
    deliveries: lapin::Consumer,
    channel: Channel,
    link: Link,
}

impl Session {
    /// Starts to consume `queue`, with at most `slots` messages that are not settled yet.
    pub(crate) async fn open(link: Link, queue: &str, slots: NonZeroU16) -> Result<Self, Error> {
        let channel = link.connection().create_channel().await.map_err(Error::Channel)?;
        channel
            .basic_qos(slots.get(), BasicQosOptions::default())
            .await
            .map_err(Error::Channel)?;
        let options = BasicConsumeOptions::default();
        let deliveries = channel
            .basic_consume(queue.into(), "".into(), options, FieldTable::default())
            .await
            .map_err(Error::Consume)?;
        Ok(Self {
            deliveries,
            channel,
            link,
        })
    }

    /// The next delivery. `None` if there will be no more: the channel broke, or the queue was deleted.
    pub(crate) async fn next(&mut self) -> Option<lapin::message::Delivery> {
        self.deliveries.next().await?.ok()
    }

    /// Reports that there are no more deliveries although the connection stands.
    pub(crate) fn tell_why_it_ended(&self) {
        if self.link.connection().status().connected() {
            consumer_cancelled();
        }
    }

    /// Tells the broker to send no more, and gives back what nobody has started to work on.
    pub(crate) async fn cancel(&mut self) {
        // Without an answer the end of the connection does the same.
        let _ = timeout(FAREWELL, self.give_back()).await;
    }

    async fn give_back(&mut self) -> lapin::Result<()> {
        let tag = self.deliveries.tag();
        self.channel
            .basic_cancel(tag, BasicCancelOptions::default())
            .await?;
        while let Some(delivery) = self.next().await {
            // Not `reject`: nothing went wrong with this message.
            let options = BasicNackOptions {
                requeue: true,
                ..BasicNackOptions::default()
            };
            delivery.acker.nack(options).await?;
        }
        Ok(())
    }

    /// Ends the connection after everything that was sent over it.
    pub(crate) async fn close(self) {
        self.link.close().await;
    }
}
