//! Spans of messages. The consumer's span continues the span that created the message, and links to it, so
//! that both ways in which trace viewers follow a message find it.

use domain::OutboxId;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{New, Parent, Span, remote};
use crate::code::Code;
use crate::propagation::Origin;

/// What is published.
#[derive(Debug, Clone, Copy)]
pub struct Publish<'a> {
    /// The exchange.
    pub exchange: &'static str,
    /// The routing key.
    pub routing_key: &'static str,
    /// The id of the message.
    pub message_id: OutboxId,
    /// What caused it, perhaps long ago.
    pub origin: &'a Origin,
}

/// The producer span of a message. It continues what caused the message, not the relay's own work; the
/// message then carries the [`Origin`] of this span.
#[must_use]
pub fn publish(message: Publish<'_>) -> Span {
    let destination = format!("{}:{}", message.exchange, message.routing_key);
    let cause = message.origin.traceparent.as_ref().and_then(remote::span_context);
    let mut attributes = vec![
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.name", "publish"),
        KeyValue::new("messaging.operation.type", "send"),
        KeyValue::new("messaging.destination.name", destination.clone()),
        KeyValue::new("messaging.rabbitmq.destination.routing_key", message.routing_key),
        KeyValue::new("messaging.message.id", message.message_id.to_string()),
    ];
    attributes.extend(conversation(message.origin));
    Span::start(New {
        parent: cause.map_or(Parent::Nobody, Parent::Remote),
        request: message.origin.request_context(),
        ..New::child(format!("publish {destination}"), SpanKind::Producer, attributes)
    })
}

/// What is processed.
#[derive(Debug, Clone, Copy)]
pub struct Process<'a> {
    /// The exchange it came through.
    pub exchange: &'static str,
    /// The queue it came from, which is also its routing key.
    pub queue: &'static str,
    /// The id of the message, if it is one of ours.
    pub message_id: Option<OutboxId>,
    /// The delivery tag.
    pub delivery_tag: u64,
    /// What the message carries.
    pub origin: &'a Origin,
}

/// The consumer span of a message. Work in it belongs to the request that the message names.
#[must_use]
pub fn process(message: Process<'_>) -> Span {
    let destination = format!("{}:{}:{}", message.exchange, message.queue, message.queue);
    let creation = message.origin.traceparent.as_ref().and_then(remote::span_context);
    let mut attributes = vec![
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.name", "process"),
        KeyValue::new("messaging.operation.type", "process"),
        KeyValue::new("messaging.destination.name", destination.clone()),
        KeyValue::new("messaging.rabbitmq.destination.routing_key", message.queue),
        KeyValue::new(
            "messaging.rabbitmq.message.delivery_tag",
            i64::try_from(message.delivery_tag).unwrap_or(i64::MAX),
        ),
    ];
    attributes.extend(
        message
            .message_id
            .map(|id| KeyValue::new("messaging.message.id", id.to_string())),
    );
    attributes.extend(conversation(message.origin));
    Span::start(New {
        parent: creation.clone().map_or(Parent::Nobody, Parent::Remote),
        links: creation.into_iter().collect(),
        request: message.origin.request_context(),
        ..New::child(format!("process {destination}"), SpanKind::Consumer, attributes)
    })
}

/// The span of telling the broker what became of a message: `ack`, `reject`. It belongs to what created the
/// message, as its processing does.
#[must_use]
pub fn settle(operation: &'static str, queue: &'static str, origin: &Origin) -> Span {
    let creation = origin.traceparent.as_ref().and_then(remote::span_context);
    let operation = Code::of(operation).as_str();
    let attributes = vec![
        KeyValue::new("messaging.system", "rabbitmq"),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", "settle"),
        KeyValue::new("messaging.destination.name", queue),
    ];
    Span::start(New {
        parent: creation.map_or(Parent::Nobody, Parent::Remote),
        request: origin.request_context(),
        ..New::child(format!("{operation} {queue}"), SpanKind::Client, attributes)
    })
}

fn conversation(origin: &Origin) -> Option<KeyValue> {
    let request_id = origin.request_id.as_ref()?;
    Some(KeyValue::new(
        "messaging.message.conversation_id",
        request_id.as_str().to_owned(),
    ))
}
