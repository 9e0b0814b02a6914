//! What is reported of an error.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::event::{Descriptor, Level};
use crate::log::{Content, Identity, Record};

/// The report of a line, under this id; none if the line is no error.
pub(super) fn envelope(record: &Record, identity: &Identity, id: Uuid) -> Option<String> {
    let (event, level) = error(&record.content)?;
    let id = id.simple().to_string();
    let at = record.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let report = json!({
        "event_id": id,
        "timestamp": at,
        "platform": "other",
        "level": level,
        "message": event.code,
        "fingerprint": [event.code],
        "release": format!("korrigo-{}@{}", identity.service, identity.version),
        "environment": identity.environment,
        "tags": tags(record, identity),
    })
    .to_string();
    let head = json!({"event_id": id, "sent_at": at});
    let item = json!({"type": "event", "length": report.len()});
    Some(format!("{head}\n{item}\n{report}\n"))
}

fn error(content: &Content) -> Option<(&'static Descriptor, &'static str)> {
    match content {
        Content::Event { event, .. } => match event.level {
            Level::Critical => Some((event, "fatal")),
            Level::Error => Some((event, "error")),
            Level::Debug | Level::Info | Level::Warning => None,
        },
        Content::Audit(_) => None,
    }
}

fn tags(record: &Record, identity: &Identity) -> Map<String, Value> {
    let request = record.request.as_ref();
    let request_id = request.map(|request| request.request_id().to_string());
    let trace_id = record.span.map(|(trace, _)| trace.to_string());
    let known = [
        ("service", Some(identity.service.to_owned())),
        ("request_id", request_id),
        ("trace_id", trace_id),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))))
        .collect()
}
