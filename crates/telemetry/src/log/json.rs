//! A line as a JSON object. The keys are a contract; what is not known is left out.

use std::fmt::Write as _;

use chrono::SecondsFormat;
use domain::audit::{Actor, Subject};

use super::record::{Content, Logger, Record};
use crate::audit::AuditLine;
use crate::event::{Descriptor, Level};
use crate::loggable::Value;

/// Who writes.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub service: &'static str,
    pub version: &'static str,
    /// Which of several equal processes.
    pub instance: String,
    pub environment: String,
}

/// The line, with its newline.
pub(super) fn line(record: &Record, identity: &Identity) -> String {
    let mut object = Object::new();
    object.text(
        "timestamp",
        &record.at.to_rfc3339_opts(SecondsFormat::Micros, true),
    );
    match &record.content {
        Content::Event { event, logger, .. } => head(&mut object, event, logger),
        Content::Audit(_) => {
            object.level(Level::Info);
            object.text("logger", "korrigo.audit");
            object.text("message", "an audit event was recorded");
            object.text("event", "audit.recorded");
        }
    }
    object.text("service", identity.service);
    object.text("version", identity.version);
    object.text("instance", &identity.instance);
    object.text("environment", &identity.environment);
    correlation(&mut object, record);
    match &record.content {
        Content::Event {
            event,
            values,
            logger,
            suppressed,
        } => {
            for (field, value) in event.fields.iter().zip(values) {
                if let Some(value) = value {
                    object.value(&field.key(), value);
                }
            }
            if let Logger::Own(place) = logger {
                object.text("module", &place.module());
                object.number("line", place.line());
            }
            if *suppressed > 0 {
                object.raw("suppressed", &suppressed.to_string());
            }
        }
        Content::Audit(line) => audit(&mut object, line),
    }
    object.finish()
}

fn head(object: &mut Object, event: &Descriptor, logger: &Logger) {
    object.level(event.level);
    match logger {
        Logger::Own(_) => object.text("logger", &format!("korrigo.{}", family(event.code))),
        Logger::Library(target) => object.text("logger", target),
    }
    object.text("message", event.message);
    object.text("event", event.code);
}

/// The code without its last part: `import.completed` belongs to `import`.
fn family(code: &str) -> &str {
    code.rsplit_once('.').map_or(code, |(family, _)| family)
}

fn correlation(object: &mut Object, record: &Record) {
    if let Some(request) = &record.request {
        object.text("request_id", request.request_id().as_str());
    }
    if let Some((trace, span)) = record.span {
        object.text("trace_id", &trace.to_string());
        object.text("span_id", &span.to_string());
    }
    if let Some(request) = &record.request {
        let own = |name: &str| match &record.content {
            Content::Event { event, values, .. } => event
                .fields
                .iter()
                .zip(values)
                .any(|(field, value)| value.is_some() && field.key() == name),
            Content::Audit(_) => name == "copy_id",
        };
        let known = [
            ("user_id", request.user().map(|id| id.to_string())),
            ("copy_id", request.copy().map(|id| id.to_string())),
            ("job_id", request.job().map(|id| id.to_string())),
        ];
        for (name, id) in known {
            if let Some(id) = id.filter(|_| !own(name)) {
                object.text(name, &id);
            }
        }
    }
}

fn audit(object: &mut Object, line: &AuditLine) {
    object.text("action", line.action.as_str());
    object.text(whose(line.subject), &line.subject.trail().to_string());
    object.raw("seq", &line.seq.to_string());
    object.text("actor_type", actor_type(line.actor));
    object.text("actor_id", &line.actor.id().to_string());
}

/// The key of the id of a copy, or of a person who is worked on.
pub(super) fn whose(subject: Subject) -> &'static str {
    match subject {
        Subject::Copy(_) => "copy_id",
        Subject::User(_) => "account_id",
    }
}

fn actor_type(actor: Actor) -> &'static str {
    actor.kind()
}

/// A JSON object in the making, with its keys in the order in which they come.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn level(&mut self, level: Level) {
        self.text("level", level.as_str());
        self.number("severity_number", level.severity());
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, &serde_json::Value::from(text).to_string());
    }

    fn number(&mut self, key: &str, number: u32) {
        self.raw(key, &number.to_string());
    }

    fn value(&mut self, key: &str, value: &Value) {
        match value {
            Value::Unsigned(number) => self.raw(key, &number.to_string()),
            Value::Signed(number) => self.raw(key, &number.to_string()),
            Value::Bool(yes) => self.raw(key, &yes.to_string()),
            Value::Duration(duration) => self.raw(key, &format!("{:.3}", duration.as_secs_f64() * 1000.0)),
            Value::Name(name) => self.text(key, name),
            Value::Id(id) => self.text(key, &id.to_string()),
            Value::Request(id) => self.text(key, id.as_str()),
            Value::Place(place) => self.text(key, &place.to_string()),
            Value::Causes(causes) => self.text(key, causes.as_str()),
        }
    }

    fn raw(&mut self, key: &str, json: &str) {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // Keys are names of Rust fields: nothing in them needs escaping. Writing to a string cannot fail.
        _ = write!(self.0, "{comma}\"{key}\":{json}");
    }

    fn finish(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }
}
