//! Spans of database transactions: one for each, by the name of the transaction. Statements and their
//! parameters are not recorded.

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use super::{New, Span};
use crate::code::Code;

/// The client span of a transaction.
#[must_use]
pub fn transaction(name: &'static str) -> Span {
    let name = Code::of(name).as_str();
    let attributes = vec![
        KeyValue::new("db.system.name", "postgresql"),
        KeyValue::new("db.operation.name", "transaction"),
        KeyValue::new("db.query.summary", name),
    ];
    Span::start(New::child(
        format!("transaction {name}"),
        SpanKind::Client,
        attributes,
    ))
}
