//! Document work and blobs.

use std::time::Duration;

use super::labels::texts;
use super::metric::{DOCUMENT, Kind, Label, Metric, Values};
use crate::name::ServiceName::{Korrigo, PdfWorker};
use crate::span::Stage;

const STAGES: Metric = Metric {
    name: "pdf_stage_duration_seconds",
    kind: Kind::Histogram(DOCUMENT),
    help: "How long the stages of document work took.",
    labels: &[Label {
        name: "stage",
        values: Values::Closed(|| texts(Stage::ALL)),
    }],
    services: &[PdfWorker],
};

const PAGES: Metric = Metric {
    name: "pdf_pages_total",
    kind: Kind::Counter,
    help: "Pages that were made.",
    labels: &[],
    services: &[PdfWorker],
};

const CHILDREN: Metric = Metric {
    name: "pdf_children_total",
    kind: Kind::Counter,
    help: "Child processes, by how they ended.",
    labels: &[Label {
        name: "end",
        values: Values::Closed(|| texts(ChildEnd::ALL)),
    }],
    services: &[PdfWorker],
};

const SANDBOX: Metric = Metric {
    name: "pdf_sandbox_enforcement",
    kind: Kind::Gauge,
    help: "Which layers of the children's sandbox are in force, tried at start: 1 for what is so, 0 for what is not.",
    labels: &[
        Label {
            name: "layer",
            values: Values::Closed(|| texts(SandboxLayer::ALL)),
        },
        Label {
            name: "enforcement",
            values: Values::Closed(|| texts(Enforcement::ALL)),
        },
    ],
    services: &[PdfWorker],
};

const SWEPT: Metric = Metric {
    name: "blobs_swept_total",
    kind: Kind::Counter,
    help: "Unreferenced blobs that were removed.",
    labels: &[],
    services: &[Korrigo, PdfWorker],
};

const SWEPT_BYTES: Metric = Metric {
    name: "blobs_swept_bytes_total",
    kind: Kind::Counter,
    help: "Size of the unreferenced blobs that were removed.",
    labels: &[],
    services: &[Korrigo, PdfWorker],
};

pub(super) const FAMILY: &[&Metric] = &[&STAGES, &PAGES, &CHILDREN, &SANDBOX, &SWEPT, &SWEPT_BYTES];

closed! {
    /// How a child process ended.
    ChildEnd {
        /// It did its work.
        Done = "done",
        /// It refused the document.
        Refused = "refused",
        /// It took too long and was ended.
        TimedOut = "timed_out",
        /// It wanted more memory than it may have.
        OutOfMemory = "out_of_memory",
        /// It crashed.
        Crashed = "crashed",
        /// It broke the protocol.
        Misbehaved = "misbehaved",
        /// It could not be prepared, started or read.
        NotRun = "not_run",
        /// Its job was taken away or the worker shuts down.
        Cancelled = "cancelled",
    }
}

closed! {
    /// A layer of the sandbox of children.
    SandboxLayer {
        /// No file but their own.
        Files = "files",
        /// No network.
        Network = "network",
        /// No system call but those that they need.
        SystemCalls = "system_calls",
    }
}

closed! {
    /// How far a layer of the sandbox is in force.
    Enforcement {
        /// All of it.
        Full = "full",
        /// Some of it.
        Partial = "partial",
        /// Nothing.
        Absent = "absent",
    }
}

/// A stage has ended.
pub(crate) fn stage_finished(stage: Stage, duration: Duration) {
    STAGES.observe(&[stage.as_str()], duration);
}

/// Pages were made.
pub fn pages_made(count: u32) {
    PAGES.add(&[], u64::from(count));
}

/// A child process has ended.
pub fn child_ended(end: ChildEnd) {
    CHILDREN.add(&[end.as_str()], 1);
}

/// A layer of the sandbox was tried.
pub fn sandbox_enforced(layer: SandboxLayer, enforcement: Enforcement) {
    for possible in Enforcement::ALL {
        let is_so = if *possible == enforcement { 1.0 } else { 0.0 };
        SANDBOX.set(&[layer.as_str(), possible.as_str()], is_so);
    }
}

/// Blobs were removed.
pub fn blobs_swept(count: u64, bytes: u64) {
    SWEPT.add(&[], count);
    SWEPT_BYTES.add(&[], bytes);
}
