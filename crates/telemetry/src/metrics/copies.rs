//! Copies: imports, finalizations, locks, states, audit events. Names and labels are a contract.

use std::time::Duration;

use domain::audit::Action;
use domain::{FailureCode, Status};

use super::labels::{
    Finish, LockConflict, STATUS, pages_bucket, pages_buckets, retry_attempt, retry_attempts, texts,
};
use super::metric::{DOCUMENT, Kind, Label, Metric, Values, number};
use crate::clock;
use crate::name::ServiceName::{Grading, PdfWorker};

const IMPORT_DURATION: Metric = Metric {
    name: "grading_import_duration_seconds",
    kind: Kind::Histogram(DOCUMENT),
    help: "How long imports took, from the claim of the last attempt to the recorded outcome.",
    labels: &[
        STATUS,
        Label {
            name: "pages_bucket",
            values: Values::Closed(pages_buckets),
        },
    ],
    services: &[PdfWorker],
};

const FINALIZE_DURATION: Metric = Metric {
    name: "grading_finalize_duration_seconds",
    kind: Kind::Histogram(DOCUMENT),
    help: "How long final documents took, from the claim of the last attempt to the recorded outcome.",
    labels: &[
        STATUS,
        Label {
            name: "retry_attempt",
            values: Values::Closed(retry_attempts),
        },
    ],
    services: &[PdfWorker],
};

const READING_DURATION: Metric = Metric {
    name: "grading_reading_duration_seconds",
    kind: Kind::Histogram(DOCUMENT),
    help: "How long it took to read who wrote a copy, from the claim of the last attempt to the recorded outcome.",
    labels: &[STATUS],
    services: &[PdfWorker],
};

const OCR_ERRORS: Metric = Metric {
    name: "grading_ocr_errors_total",
    kind: Kind::Counter,
    help: "Documents, and names on copies, that could not be read, by cause.",
    labels: &[Label {
        name: "error_type",
        values: Values::Closed(error_types),
    }],
    services: &[PdfWorker],
};

const LOCK_CONFLICTS: Metric = Metric {
    name: "grading_lock_conflicts_total",
    kind: Kind::Counter,
    help: "Refused locks and writes without a valid lock, by cause.",
    labels: &[Label {
        name: "conflict_type",
        values: Values::Closed(|| texts(LockConflict::ALL)),
    }],
    services: &[Grading],
};

const COPIES: Metric = Metric {
    name: "grading_copies_by_status",
    kind: Kind::Gauge,
    help: "Copies in each state.",
    labels: &[Label {
        name: "status",
        values: Values::Closed(|| texts(Status::ALL)),
    }],
    services: &[Grading],
};

const COPIES_UPDATED: Metric = Metric {
    name: "grading_copies_by_status_updated_timestamp_seconds",
    kind: Kind::Gauge,
    help: "When grading_copies_by_status was last counted.",
    labels: &[],
    services: &[Grading],
};

const OLDEST: Metric = Metric {
    name: "grading_copy_oldest_in_status_seconds",
    kind: Kind::Gauge,
    help: "For how long the copy that has waited longest in each state has not changed; 0 if there is none.",
    labels: &[Label {
        name: "status",
        values: Values::Closed(|| texts(Status::ALL)),
    }],
    services: &[Grading],
};

const OLDEST_UPDATED: Metric = Metric {
    name: "grading_copy_oldest_in_status_updated_timestamp_seconds",
    kind: Kind::Gauge,
    help: "When grading_copy_oldest_in_status_seconds was last read.",
    labels: &[],
    services: &[Grading],
};

const EVENTS: Metric = Metric {
    name: "grading_events_created_total",
    kind: Kind::Counter,
    help: "Audit events, counted after their transaction was committed.",
    labels: &[Label {
        name: "action",
        values: Values::Closed(|| texts(Action::ALL)),
    }],
    services: &[Grading],
};

const OLDEST_LOCK: Metric = Metric {
    name: "grading_locks_oldest_seconds",
    kind: Kind::Gauge,
    help: "For how long the oldest lock has been held; 0 if there is none.",
    labels: &[],
    services: &[Grading],
};

const OVERDUE_LOCKS: Metric = Metric {
    name: "grading_locks_overdue",
    kind: Kind::Gauge,
    help: "Locks that have ended by themselves and were not tidied up yet.",
    labels: &[],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[
    &IMPORT_DURATION,
    &FINALIZE_DURATION,
    &READING_DURATION,
    &OCR_ERRORS,
    &LOCK_CONFLICTS,
    &COPIES,
    &COPIES_UPDATED,
    &OLDEST,
    &OLDEST_UPDATED,
    &OLDEST_LOCK,
    &OVERDUE_LOCKS,
    &EVENTS,
];

/// An import has its final outcome. Call it once per outcome, after the commit.
pub fn import_finished(finish: Finish, pages: u32, duration: Duration) {
    IMPORT_DURATION.observe(&[finish.as_str(), pages_bucket(pages)], duration);
}

/// Who wrote a copy was read, or could not be. Call it once per outcome, after the commit.
pub fn reading_finished(finish: Finish, duration: Duration) {
    READING_DURATION.observe(&[finish.as_str()], duration);
}

/// A document, or who wrote a copy, could not be read.
pub fn document_refused_because(code: FailureCode) {
    OCR_ERRORS.add(&[error_type(code)], 1);
}

/// A final document has its outcome, at this attempt. Call it once per outcome, after the commit.
pub fn finalize_finished(finish: Finish, attempt: u16, duration: Duration) {
    FINALIZE_DURATION.observe(&[finish.as_str(), retry_attempt(attempt)], duration);
}

/// A lock was refused.
pub fn lock_conflict(conflict: LockConflict) {
    LOCK_CONFLICTS.add(&[conflict.as_str()], 1);
}

/// How many copies are in each state, freshly counted.
pub fn copies_by_status(counts: &[(Status, u64)]) {
    for (status, count) in counts {
        COPIES.set(&[status.as_str()], number(*count));
    }
    COPIES_UPDATED.set(&[], clock::unix_seconds());
}

/// How long the copy that has waited longest in each state has not changed, freshly read.
pub fn oldest_by_status(waits: &[(Status, Duration)]) {
    for (status, waited) in waits {
        OLDEST.set(&[status.as_str()], waited.as_secs_f64());
    }
    OLDEST_UPDATED.set(&[], clock::unix_seconds());
}

/// How long the oldest lock has been held, and how many have ended without being tidied up.
pub fn locks(oldest: Duration, overdue: u64) {
    OLDEST_LOCK.set(&[], oldest.as_secs_f64());
    OVERDUE_LOCKS.set(&[], number(overdue));
}

/// An audit event was committed.
pub fn event_created(action: Action) {
    EVENTS.add(&[action.as_str()], 1);
}

fn error_types() -> Vec<&'static str> {
    vec![
        "timeout",
        "invalid_pdf",
        "empty_result",
        "unknown",
        "ocr_unavailable",
        "ocr_timeout",
        "ocr_failed",
    ]
}

fn error_type(code: FailureCode) -> &'static str {
    match code {
        FailureCode::Timeout => "timeout",
        FailureCode::InvalidPdf
        | FailureCode::EncryptedPdf
        | FailureCode::TooManyPages
        | FailureCode::PageTooLarge => "invalid_pdf",
        FailureCode::EmptyResult => "empty_result",
        FailureCode::Unknown => "unknown",
        FailureCode::OcrUnavailable => "ocr_unavailable",
        FailureCode::OcrTimeout => "ocr_timeout",
        FailureCode::OcrFailed => "ocr_failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_declared_error_type() {
        for code in FailureCode::ALL {
            assert!(error_types().contains(&error_type(*code)), "{code}");
        }
    }
}
