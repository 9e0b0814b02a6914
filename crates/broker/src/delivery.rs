//! A message as it arrives, and what may become of it.

use lapin::types::{AMQPValue, FieldTable, ShortString};

/// Added by a quorum queue from the second delivery on.
const DELIVERY_COUNT: &str = "x-delivery-count";

/// A message as it arrived. What the publisher did not say is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The publisher's id of the message.
    pub id: String,
    /// The `correlation_id`.
    pub correlation_id: String,
    /// The `type`: what the body is, with its version.
    pub kind: String,
    /// The headers that are text.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
    /// The broker's number of this delivery on its channel.
    pub tag: u64,
    /// Somebody may have had this message before.
    pub redelivered: bool,
    /// How often the broker delivered it before, as far as it counts.
    pub delivery_count: u32,
}

/// What becomes of a message after a handler had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done with. The queue forgets it.
    Ack,
    /// Back into the queue after a pause. The broker counts it; too often, and it becomes a dead letter.
    Retry,
    /// Among the dead letters, for a person to look at.
    Discard,
}

impl Delivery {
    pub(crate) fn read(delivery: &mut lapin::message::Delivery) -> Self {
        let properties = &delivery.properties;
        let headers = properties.headers().as_ref();
        Self {
            id: text(properties.message_id().as_ref()),
            correlation_id: text(properties.correlation_id().as_ref()),
            kind: text(properties.kind().as_ref()),
            headers: headers.map(texts).unwrap_or_default(),
            tag: delivery.delivery_tag,
            redelivered: delivery.redelivered,
            delivery_count: headers.map_or(0, delivery_count),
            body: std::mem::take(&mut delivery.data),
        }
    }
}

fn text(property: Option<&ShortString>) -> String {
    property
        .map(|value| value.as_str().to_owned())
        .unwrap_or_default()
}

fn texts(headers: &FieldTable) -> Vec<(String, String)> {
    headers
        .into_iter()
        .filter_map(|(name, value)| {
            let value = std::str::from_utf8(value.as_long_string()?.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect()
}

fn delivery_count(headers: &FieldTable) -> u32 {
    headers.inner().get(DELIVERY_COUNT).and_then(integer).unwrap_or(0)
}

/// The broker writes small numbers in the smallest type that holds them.
fn integer(value: &AMQPValue) -> Option<u32> {
    let wide = value
        .as_long_long_int()
        .or_else(|| value.as_long_int().map(i64::from))
        .or_else(|| value.as_short_int().map(i64::from))
        .or_else(|| value.as_short_short_int().map(i64::from))
        .or_else(|| value.as_long_uint().map(i64::from))
        .or_else(|| value.as_short_uint().map(i64::from))
        .or_else(|| value.as_short_short_uint().map(i64::from));
    wide.and_then(|number| u32::try_from(number).ok())
}
