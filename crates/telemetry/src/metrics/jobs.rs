//! Jobs.

use std::time::Duration;

use domain::JobKind;

use super::labels::{JobEnd, texts};
use super::metric::{Kind, Label, Metric, Values, number};
use crate::events::{ClaimOutcome, ReconcileReason};
use crate::name::ServiceName::{Grading, PdfWorker};

const KIND: Label = Label {
    name: "kind",
    values: Values::Closed(|| texts(JobKind::ALL)),
};

const CLAIMED: Metric = Metric {
    name: "grading_jobs_claimed_total",
    kind: Kind::Counter,
    help: "Claims of jobs, by answer.",
    labels: &[Label {
        name: "outcome",
        values: Values::Closed(|| texts(ClaimOutcome::ALL)),
    }],
    services: &[Grading],
};

const ENDED: Metric = Metric {
    name: "grading_jobs_finished_total",
    kind: Kind::Counter,
    help: "Attempts of jobs, by what became of them.",
    labels: &[
        KIND,
        Label {
            name: "outcome",
            values: Values::Closed(|| texts(JobEnd::ALL)),
        },
    ],
    services: &[Grading],
};

const REDELIVERIES: Metric = Metric {
    name: "grading_job_redeliveries_total",
    kind: Kind::Counter,
    help: "Messages that were delivered more than once.",
    labels: &[],
    services: &[PdfWorker],
};

const RECONCILED: Metric = Metric {
    name: "grading_jobs_reconciled_total",
    kind: Kind::Counter,
    help: "Jobs that the reconciler took up, by reason.",
    labels: &[Label {
        name: "reason",
        values: Values::Closed(|| texts(ReconcileReason::ALL)),
    }],
    services: &[Grading],
};

const IN_FLIGHT: Metric = Metric {
    name: "grading_jobs_inflight",
    kind: Kind::Gauge,
    help: "Jobs that this worker is working on.",
    labels: &[],
    services: &[PdfWorker],
};

const LANE: Label = Label {
    name: "lane",
    values: Values::Closed(|| texts(Lane::ALL)),
};

const SLOTS: Metric = Metric {
    name: "grading_job_slots",
    kind: Kind::Gauge,
    help: "How many jobs this worker takes at a time.",
    labels: &[LANE],
    services: &[PdfWorker],
};

const SLOTS_BUSY: Metric = Metric {
    name: "grading_job_slots_busy",
    kind: Kind::Gauge,
    help: "Slots of this worker that have a message, from its delivery until it is settled.",
    labels: &[LANE],
    services: &[PdfWorker],
};

const REPORTS: Metric = Metric {
    name: "grading_reports_kept",
    kind: Kind::Gauge,
    help: "Failures of jobs that grading does not know of: in files that wait to be told, or that nobody can tell. Workers that share a directory show the same.",
    labels: &[Label {
        name: "state",
        values: Values::Closed(|| texts(ReportState::ALL)),
    }],
    services: &[PdfWorker],
};

const OLDEST_REPORT: Metric = Metric {
    name: "grading_reports_kept_oldest_seconds",
    kind: Kind::Gauge,
    help: "For how long the oldest report in a file has waited to be told.",
    labels: &[],
    services: &[PdfWorker],
};

pub(super) const FAMILY: &[&Metric] = &[
    &CLAIMED,
    &ENDED,
    &REDELIVERIES,
    &RECONCILED,
    &IN_FLIGHT,
    &SLOTS,
    &SLOTS_BUSY,
    &REPORTS,
    &OLDEST_REPORT,
];

closed! {
    /// The slots of one queue, which no other queue can fill.
    Lane {
        /// Imports and scans of many copies.
        Import = "import",
        /// Corrected documents.
        Finalize = "finalize",
        /// Who wrote a copy.
        Identity = "identity",
    }
}

closed! {
    /// What becomes of a report that is kept in a file.
    ReportState {
        /// It is told when grading answers.
        Waiting = "waiting",
        /// Nobody can tell it.
        SetAside = "set_aside",
    }
}

/// A claim was answered.
pub fn job_claimed(outcome: ClaimOutcome) {
    CLAIMED.add(&[outcome.as_str()], 1);
}

/// An attempt of a job has ended. Call it after the commit.
pub fn job_ended(kind: JobKind, end: JobEnd) {
    ENDED.add(&[kind.as_str(), end.as_str()], 1);
}

/// A message came again.
pub fn job_redelivered() {
    REDELIVERIES.add(&[], 1);
}

/// The reconciler took up a job.
pub fn job_reconciled(reason: ReconcileReason) {
    RECONCILED.add(&[reason.as_str()], 1);
}

/// A lane has so many slots.
pub fn job_slots(lane: Lane, count: u16) {
    SLOTS.set(&[lane.as_str()], f64::from(count));
}

/// A slot counts as busy until the value is dropped.
pub fn slot_taken(lane: Lane) -> SlotTaken {
    SLOTS_BUSY.shift(&[lane.as_str()], 1.0);
    SlotTaken(lane)
}

/// A slot that has a message.
#[derive(Debug)]
#[must_use = "the slot counts as busy until this is dropped"]
pub struct SlotTaken(Lane);

impl Drop for SlotTaken {
    fn drop(&mut self) {
        SLOTS_BUSY.shift(&[self.0.as_str()], -1.0);
    }
}

/// So many reports wait in files, so many were set aside, and the oldest has waited this long.
pub fn reports_kept(waiting: usize, aside: usize, oldest: Duration) {
    for (state, count) in [(ReportState::Waiting, waiting), (ReportState::SetAside, aside)] {
        REPORTS.set(
            &[state.as_str()],
            number(u64::try_from(count).unwrap_or(u64::MAX)),
        );
    }
    OLDEST_REPORT.set(&[], oldest.as_secs_f64());
}

/// A job counts as being worked on until the value is dropped.
pub fn job_in_flight() -> InFlight {
    IN_FLIGHT.shift(&[], 1.0);
    InFlight(())
}

/// A job that is being worked on.
#[derive(Debug)]
#[must_use = "the job counts as in flight until this is dropped"]
pub struct InFlight(());

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.shift(&[], -1.0);
    }
}
