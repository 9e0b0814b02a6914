//! A message to publish.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::PublishError;

/// The AMQP `delivery_mode` of a message that survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// What is published. The names may have up to 255 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which queue it is for.
    pub routing_key: String,
    /// The `message_id`: the same for every attempt to publish the same message.
    pub id: String,
    /// The `correlation_id`.
    pub correlation_id: String,
    /// The `type`: what the body is, with its version.
    pub kind: String,
    /// Text headers.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Message {
    pub(crate) fn properties(&self) -> Result<BasicProperties, PublishError> {
        let mut headers = FieldTable::default();
        for (name, value) in &self.headers {
            headers.insert(short(name)?, AMQPValue::LongString(value.as_str().into()));
        }
        Ok(BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(short(&self.id)?)
            .with_correlation_id(short(&self.correlation_id)?)
            .with_type(short(&self.kind)?)
            .with_headers(headers))
    }
}

/// `text` as AMQP's short string. `From<&str>` would panic on a long one.
pub(crate) fn short(text: &str) -> Result<ShortString, PublishError> {
    ShortString::try_new(text).map_err(|_longer_than_255| PublishError::TooLong)
}
