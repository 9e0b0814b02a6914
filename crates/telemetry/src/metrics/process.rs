//! The process itself: its build, its readiness, its log.

use tokio::runtime::Handle;

use super::audit::audit_sink_failed;
use super::labels::{AuditSink, texts};
use super::metric::{self, Kind, Label, Metric, Values, number};
use crate::event::{Descriptor, Level};
use crate::events::{self, Readiness};
use crate::log::Sink;
use crate::name::ServiceName;

pub(super) const BUILD: Metric = Metric {
    name: "build_info",
    kind: Kind::Gauge,
    help: "Always 1; the labels say what is running.",
    labels: &[
        Label {
            name: "version",
            values: Values::Named("the version"),
        },
        Label {
            name: "git_sha",
            values: Values::Named("the revision of the source"),
        },
    ],
    services: ServiceName::ALL,
};

const READY: Metric = Metric {
    name: "service_ready",
    kind: Kind::Gauge,
    help: "1 for readiness checks that hold, also in part, else 0.",
    labels: &[Label {
        name: "check",
        values: Values::Named("the readiness checks of the service"),
    }],
    services: ServiceName::ALL,
};

const CERTIFICATE: Metric = Metric {
    name: "tls_certificate_expiry_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Until when the certificate that the service shows on the link to grading is valid, in seconds since 1970; 0 without one.",
    labels: &[],
    services: ServiceName::ALL,
};

const DROPPED: Metric = Metric {
    name: "grading_log_lines_dropped_total",
    kind: Kind::Counter,
    help: "Log lines that could not be written.",
    labels: &[Label {
        name: "sink",
        values: Values::Closed(|| texts(Sink::ALL)),
    }],
    services: ServiceName::ALL,
};

const CRITICAL: Metric = Metric {
    name: "grading_critical_total",
    kind: Kind::Counter,
    help: "Log events of level CRITICAL, by code.",
    labels: &[Label {
        name: "code",
        values: Values::Closed(critical_codes),
    }],
    services: ServiceName::ALL,
};

const THIRD_PARTY: Metric = Metric {
    name: "third_party_records_total",
    kind: Kind::Counter,
    help: "Warnings and errors that libraries reported; their text is not kept.",
    labels: &[Label {
        name: "level",
        values: Values::Closed(|| vec!["WARNING", "ERROR"]),
    }],
    services: ServiceName::ALL,
};

const FAULTS: Metric = Metric {
    name: "telemetry_recorder_faults_total",
    kind: Kind::Counter,
    help: "Figures that could not be recorded because the recorder itself failed.",
    labels: &[],
    services: ServiceName::ALL,
};

const SPANS: Metric = Metric {
    name: "telemetry_spans_exported_total",
    kind: Kind::Counter,
    help: "Spans that the collector took, or that could not be brought to it.",
    labels: &[Label {
        name: "result",
        values: Values::Closed(|| texts(Exported::ALL)),
    }],
    services: ServiceName::ALL,
};

const SUPPRESSED: Metric = Metric {
    name: "grading_log_lines_suppressed_total",
    kind: Kind::Counter,
    help: "Log lines that were left out because the same had just been said often enough.",
    labels: &[],
    services: ServiceName::ALL,
};

const TASKS: Metric = Metric {
    name: "tokio_alive_tasks",
    kind: Kind::Gauge,
    help: "Tasks of the runtime that have not ended.",
    labels: &[],
    services: ServiceName::ALL,
};

const QUEUED: Metric = Metric {
    name: "tokio_global_queue_depth",
    kind: Kind::Gauge,
    help: "Tasks that wait for any thread of the runtime; growing means too little CPU or a blocked thread.",
    labels: &[],
    services: ServiceName::ALL,
};

pub(super) const FAMILY: &[&Metric] = &[
    &BUILD,
    &READY,
    &CERTIFICATE,
    &DROPPED,
    &SUPPRESSED,
    &CRITICAL,
    &THIRD_PARTY,
    &FAULTS,
    &SPANS,
    &TASKS,
    &QUEUED,
];

closed! {
    /// What became of spans that were to leave.
    Exported {
        /// The collector took them.
        Sent = "sent",
        /// It was not there, too slow, or did not want them.
        Failed = "failed",
    }
}

/// Reads the figures of the runtime around the caller, if there is one.
pub(super) fn runtime() {
    if let Ok(runtime) = Handle::try_current() {
        let figures = runtime.metrics();
        TASKS.set(&[], count(figures.num_alive_tasks()));
        QUEUED.set(&[], count(figures.global_queue_depth()));
    }
}

/// Brings what is counted elsewhere.
pub(super) fn faults() {
    FAULTS.reach(&[], metric::faults());
}

fn count(figure: usize) -> f64 {
    number(u64::try_from(figure).unwrap_or(u64::MAX))
}

/// A readiness check has this state.
#[derive(Debug, Clone, Copy)]
pub struct Latched {
    /// Its name.
    pub check: &'static str,
    /// Its state.
    pub state: Readiness,
}

/// A readiness check changed.
pub fn readiness(latched: Latched) {
    let holds = match latched.state {
        Readiness::Ready | Readiness::Degraded => 1.0,
        Readiness::Pending | Readiness::Failed => 0.0,
    };
    READY.set(&[latched.check], holds);
}

/// The service shows a certificate that is valid until then, in seconds since 1970.
pub fn certificate_shown(valid_until: u64) {
    CERTIFICATE.set(&[], number(valid_until));
}

pub(crate) fn lines_dropped(sink: Sink, count: u64) {
    DROPPED.add(&[sink.as_str()], count);
    if sink == Sink::Audit {
        audit_sink_failed(AuditSink::Log, count);
    }
}

pub(crate) fn line_suppressed() {
    SUPPRESSED.add(&[], 1);
}

pub(crate) fn spans_exported(result: Exported, count: usize) {
    SPANS.add(&[result.as_str()], u64::try_from(count).unwrap_or(u64::MAX));
}

pub(crate) fn critical(event: &'static Descriptor) {
    CRITICAL.add(&[event.code], 1);
}

pub(crate) fn third_party_records(level: Level) {
    THIRD_PARTY.add(&[level.as_str()], 1);
}

fn critical_codes() -> Vec<&'static str> {
    events::all()
        .filter(|event| event.level == Level::Critical)
        .map(|event| event.code)
        .collect()
}
