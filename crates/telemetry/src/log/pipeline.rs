//! From an event to the queues.

use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::json::Identity;
use super::limiter::Limiter;
use super::queue::Queue;
use super::record::{Logger, Record};
use super::writer::Writer;
use crate::audit::AuditLine;
use crate::error::Error;
use crate::event::{Event, Level};
use crate::events::LogLevelChanged;
use crate::metrics;
use crate::options::{Options, Output};
use crate::place::Place;
use crate::sentry::Reporter;

static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

/// All sinks of the process.
#[derive(Debug)]
struct Pipeline {
    /// The severity below which nothing is written.
    lowest: AtomicU32,
    limiter: Limiter,
    events: Vec<Queue>,
    audit: Vec<Queue>,
    errors: Vec<Queue>,
}

/// Opens the sinks and starts their threads.
pub(crate) fn start(options: &Options) -> Result<(), Error> {
    if PIPELINE.get().is_some() {
        return Err(Error::AlreadyStarted);
    }
    let identity = Identity {
        service: options.service.as_str(),
        version: options.version,
        instance: options.instance.clone(),
        environment: options.environment.clone(),
    };
    let queue = |writer: Writer| Queue::start(writer, identity.clone());
    let mut pipeline = Pipeline {
        lowest: AtomicU32::new(options.level.severity()),
        limiter: Limiter::default(),
        events: Vec::new(),
        audit: Vec::new(),
        errors: Vec::new(),
    };
    match &options.output {
        Output::Stderr => pipeline.events.push(queue(Writer::stderr())?),
        Output::Memory(lines) => {
            pipeline.events.push(queue(Writer::Memory(lines.clone()))?);
            pipeline.audit.push(queue(Writer::Memory(lines.clone()))?);
        }
        Output::Nowhere => {}
    }
    if let Some(directory) = &options.log_dir {
        pipeline
            .events
            .push(queue(Writer::service(directory, options.service)?)?);
        pipeline.audit.push(queue(Writer::audit(directory))?);
    }
    if let Some(dsn) = &options.sentry {
        pipeline
            .errors
            .push(queue(Writer::Sentry(Reporter::new(dsn.clone())))?);
    }
    PIPELINE
        .set(pipeline)
        .map_err(|_started_meanwhile| Error::AlreadyStarted)
}

/// Logs an event.
#[track_caller]
pub fn log<E: Event>(event: E) {
    let place = Place::of(Location::caller());
    emit(event, Logger::Own(place));
}

/// From here on nothing below `lowest` is written. That is said whatever the level is: whoever reads the log has to know
/// what may be missing.
#[track_caller]
pub fn write_from(lowest: Level) {
    if let Some(pipeline) = PIPELINE.get() {
        pipeline.lowest.store(lowest.severity(), Ordering::Relaxed);
        let place = Place::of(Location::caller());
        let values = LogLevelChanged { lowest }.values();
        let record = Record::event(LogLevelChanged::DESCRIPTOR, values, Logger::Own(place), 0);
        offer(&pipeline.events, &Arc::new(record));
    }
}

/// Logs that a library reported something. Its text is not kept.
pub(crate) fn log_third_party<E: Event>(event: E, target: String) {
    emit(event, Logger::Library(target));
}

fn emit<E: Event>(event: E, logger: Logger) {
    let descriptor = E::DESCRIPTOR;
    if descriptor.level == Level::Critical {
        metrics::critical(descriptor);
    }
    if let Some(pipeline) = PIPELINE.get()
        && descriptor.level.severity() >= pipeline.lowest.load(Ordering::Relaxed)
    {
        let values = event.values();
        match pipeline.limiter.admit(descriptor, &values) {
            Some(suppressed) => {
                let record = Arc::new(Record::event(descriptor, values, logger, suppressed));
                offer(&pipeline.events, &record);
                if descriptor.level >= Level::Error {
                    offer(&pipeline.errors, &record);
                }
            }
            None => metrics::line_suppressed(),
        }
    }
}

/// Writes a line of the audit log.
pub(crate) fn write_audit(line: AuditLine) {
    if let Some(pipeline) = PIPELINE.get() {
        offer(&pipeline.audit, &Arc::new(Record::audit(line)));
    }
}

fn offer(queues: &[Queue], record: &Arc<Record>) {
    for queue in queues {
        queue.offer(record);
    }
}

/// Waits until everything offered so far is written, at most until the time is over.
pub(crate) fn flush(patience: Duration) {
    let Some(deadline) = Instant::now().checked_add(patience) else {
        return;
    };
    if let Some(pipeline) = PIPELINE.get() {
        for queue in pipeline
            .events
            .iter()
            .chain(&pipeline.audit)
            .chain(&pipeline.errors)
        {
            queue.flush(deadline);
        }
    }
}
