//! A line for people at a terminal.

use std::fmt::Write as _;

use super::json::whose;
use super::record::{Content, Logger, Record};
use crate::event::Level;
use crate::loggable::Value;

/// `12:00:01.123 INFO  import.completed: the pages of a copy were made  pages=10 request_id=…`
pub(super) fn line(record: &Record) -> String {
    let mut line = record.at.format("%H:%M:%S%.3f ").to_string();
    // Writing to a string cannot fail.
    match &record.content {
        Content::Event {
            event,
            values,
            logger,
            suppressed,
        } => {
            _ = write!(
                line,
                "{}{:<8}\x1b[0m {}: {} ",
                colour(event.level),
                event.level,
                event.code,
                event.message
            );
            if let Logger::Library(target) = logger {
                _ = write!(line, " library={target}");
            }
            for (field, value) in event.fields.iter().zip(values) {
                if let Some(value) = value {
                    _ = write!(line, " {}={}", field.key(), text(value));
                }
            }
            if *suppressed > 0 {
                _ = write!(line, " suppressed={suppressed}");
            }
        }
        Content::Audit(audit) => {
            _ = write!(
                line,
                "AUDIT    {} {}={} seq={}",
                audit.action,
                whose(audit.subject),
                audit.subject.trail(),
                audit.seq
            );
        }
    }
    if let Some(request) = &record.request {
        _ = write!(line, " request_id={}", request.request_id());
    }
    line.push('\n');
    line
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::Debug => "\x1b[2m",
        Level::Info => "\x1b[32m",
        Level::Warning => "\x1b[33m",
        Level::Error => "\x1b[31m",
        Level::Critical => "\x1b[1;31m",
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Unsigned(number) => number.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Duration(duration) => format!("{:.3}", duration.as_secs_f64() * 1000.0),
        Value::Name(name) => (*name).to_owned(),
        Value::Id(id) => id.to_string(),
        Value::Request(id) => id.to_string(),
        Value::Place(place) => place.to_string(),
        Value::Causes(causes) => causes.as_str().to_owned(),
    }
}
