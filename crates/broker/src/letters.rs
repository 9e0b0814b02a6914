//! Dead letters, as an operator looks through them.

use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Acker, Channel};
use tokio::time::timeout;

use crate::connection::{FAREWELL, Link};
use crate::{Config, Delivery, Error, Topology};

/// What the broker adds when it gives a message up: a list with the latest death first.
const DEATHS: &str = "x-death";
/// Why a broker gives messages up.
const REASONS: [&str; 4] = ["rejected", "delivery_limit", "expired", "maxlen"];

/// The dead letters in somebody's hands. Nobody else sees them meanwhile; what is not thrown away goes back when this is
/// closed, or with the connection.
pub struct Letters {
    // In the order of dropping.
    channel: Channel,
    link: Link,
}

/// A message that was given up.
pub struct DeadLetter {
    /// The queue of dead letters that it is in.
    pub queue: &'static str,
    /// The message.
    pub message: Delivery,
    /// Why the broker gave it up, in its words; `None` if it says nothing that is known.
    pub reason: Option<&'static str>,
    /// When, in seconds since 1970.
    pub died_at: Option<u64>,
    acker: Acker,
}

impl Letters {
    /// A connection of its own.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let opening = async {
            let (link, _events) = Link::open(config).await?;
            let channel = link.connection().create_channel().await.map_err(Error::Channel)?;
            Ok(Self { channel, link })
        };
        timeout(config.connect_timeout, opening)
            .await
            .unwrap_or(Err(Error::ConnectTimeout))
    }

    /// Takes the dead letters of all queues into the hand, the oldest of each first, up to so many of each.
    pub async fn take(&self, topology: &Topology, limit: u16) -> Result<Vec<DeadLetter>, Error> {
        let mut letters = Vec::new();
        for queue in topology.queues {
            for _ in 0..limit {
                let got = self
                    .channel
                    .basic_get(queue.dead.into(), BasicGetOptions::default());
                let Some(got) = got.await.map_err(Error::Channel)? else {
                    break;
                };
                letters.push(DeadLetter::read(queue.dead, got.delivery));
            }
        }
        Ok(letters)
    }

    /// Throws a letter away.
    pub async fn discard(&self, letter: DeadLetter) -> Result<(), Error> {
        let done = letter.acker.ack(BasicAckOptions::default()).await;
        done.map(|_is_open| ()).map_err(Error::Channel)
    }

    /// Puts the others back and ends the connection.
    pub async fn close(self) {
        // Not `reject`: nothing went wrong with them. Without an answer the end of the connection does the same.
        let options = BasicNackOptions {
            multiple: true,
            requeue: true,
        };
        let _ = timeout(FAREWELL, self.channel.basic_nack(0, options)).await;
        self.link.close().await;
    }
}

impl DeadLetter {
    fn read(queue: &'static str, mut delivery: lapin::message::Delivery) -> Self {
        let headers = delivery.properties.headers().as_ref();
        let death = headers.and_then(last_death);
        let field = |name: &str| death.as_ref().and_then(|death| death.inner().get(name));
        let said = field("reason").and_then(AMQPValue::as_long_string);
        let time = field("time").and_then(AMQPValue::as_timestamp);
        Self {
            queue,
            reason: REASONS
                .into_iter()
                .find(|known| said.is_some_and(|said| said.as_bytes() == known.as_bytes())),
            died_at: time,
            acker: delivery.acker.clone(),
            message: Delivery::read(&mut delivery),
        }
    }
}

fn last_death(headers: &FieldTable) -> Option<FieldTable> {
    let deaths = headers.inner().get(DEATHS)?.as_array()?;
    deaths.as_slice().first()?.as_field_table().cloned()
}
