//! What libraries report about themselves, through `tracing` or `log`.
//!
//! Their words can quote anything: a header, a statement, a row. So only the target and the level are kept,
//! of warnings and errors; below that, and their spans, nothing. A target that repeats itself is told of
//! once a minute, with the number of records left out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::{Event, Subscriber};
use tracing_subscriber::{Layer, layer};

use crate::event::Level;
use crate::events::{ThirdParty, ThirdPartyFailed};
use crate::log::log_third_party;
use crate::metrics;

/// How long a target stays quiet after a line.
const QUIET: Duration = Duration::from_mins(1);
/// How many targets are told apart.
const TARGETS: usize = 256;

static HEARD: Mutex<Option<HashMap<String, Heard>>> = Mutex::new(None);

struct Heard {
    told: Instant,
    suppressed: u64,
}

/// Begins to listen to `log`. What was there first stays.
pub(crate) fn install() {
    if log::set_logger(&Libraries).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}

/// Listens. Of `tracing` it is a layer, which is given warnings and errors only.
pub(crate) struct Libraries;

impl<S: Subscriber> Layer<S> for Libraries {
    fn on_event(&self, event: &Event<'_>, _subscriber: layer::Context<'_, S>) {
        let metadata = event.metadata();
        let level = if *metadata.level() == tracing::Level::ERROR {
            Level::Error
        } else {
            Level::Warning
        };
        report(metadata.target(), level);
    }
}

impl log::Log for Libraries {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        let level = if record.level() == log::Level::Error {
            Level::Error
        } else {
            Level::Warning
        };
        report(record.target(), level);
    }

    fn flush(&self) {}
}

fn report(target: &str, level: Level) {
    metrics::third_party_records(level);
    let target = plain(target);
    let Some(suppressed) = due(&target) else { return };
    match level {
        Level::Error | Level::Critical => log_third_party(ThirdPartyFailed { suppressed }, target),
        Level::Debug | Level::Info | Level::Warning => log_third_party(ThirdParty { suppressed }, target),
    }
}

/// Targets are module paths, unless a library makes them up.
fn plain(target: &str) -> String {
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '_' | '-' | '.');
    target.chars().take(64).filter(allowed).collect()
}

/// How many records were left out since the last line of this target; `None` if it is to stay quiet.
fn due(target: &str) -> Option<u64> {
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let heard = heard.get_or_insert_default();
    let now = Instant::now();
    let room = heard.len() < TARGETS;
    match heard.get_mut(target) {
        Some(last) if now.duration_since(last.told) < QUIET => {
            last.suppressed += 1;
            None
        }
        Some(last) => {
            last.told = now;
            Some(std::mem::take(&mut last.suppressed))
        }
        None if room => {
            heard.insert(
                target.to_owned(),
                Heard {
                    told: now,
                    suppressed: 0,
                },
            );
            Some(0)
        }
        None => None,
    }
}
