//! What libraries report about themselves, through `tracing` or `log`.
//!
//! Their words can quote anything: a header, a statement, a row. So only the target and the level are kept,
//! of warnings and errors; below that, and their spans, nothing. A target that repeats itself is told of
//! once a minute, with the number of records left out.

use tracing::{Event, Subscriber};
use tracing_subscriber::{Layer, layer};

use crate::event::Level;
use crate::events::{ThirdParty, ThirdPartyFailed};
use crate::log::log_third_party;
use crate::metrics;
use crate::quiet::Quiet;

/// The targets that were told of lately.
static HEARD: Quiet<String> = Quiet::new();

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
    let Some(suppressed) = HEARD.due(target.clone()) else {
        return;
    };
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
