//! What operators see of the queues.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use tokio::time::timeout;

use crate::connection::Link;
use crate::{Config, Error, Topology};

/// A queue as the broker has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenQueue {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds what was given up.
    pub dead: bool,
    /// What is in it; `None` if it is not there.
    pub depth: Option<Depth>,
}

/// How much is in a queue, and who takes it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// How many messages wait for a consumer.
    pub messages: u32,
    /// How many consumers there are.
    pub consumers: u32,
}

/// Looks at each queue of the topology, and changes nothing.
pub async fn look(config: &Config, topology: &Topology) -> Result<Vec<SeenQueue>, Error> {
    timeout(config.connect_timeout, look_around(config, topology))
        .await
        .unwrap_or(Err(Error::ConnectTimeout))
}

async fn look_around(config: &Config, topology: &Topology) -> Result<Vec<SeenQueue>, Error> {
    let (link, _events) = Link::open(config).await?;
    let names = topology
        .queues
        .iter()
        .flat_map(|queue| [(queue.name, false), (queue.dead, true)]);
    let mut seen = Vec::new();
    for (name, dead) in names {
        let depth = depth(&link, name).await?;
        seen.push(SeenQueue { name, dead, depth });
    }
    link.close().await;
    Ok(seen)
}

async fn depth(link: &Link, name: &str) -> Result<Option<Depth>, Error> {
    // The broker closes a channel on which somebody asks for what is not there.
    let channel = link.connection().create_channel().await.map_err(Error::Channel)?;
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel
        .queue_declare(name.into(), options, FieldTable::default())
        .await;
    match declared.map_err(Error::Channel) {
        Ok(queue) => Ok(Some(Depth {
            messages: queue.message_count(),
            consumers: queue.consumer_count(),
        })),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}
