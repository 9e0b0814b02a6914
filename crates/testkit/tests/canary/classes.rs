//! The ways in which a request or a job can fail: the sweep has each of them, or a test elsewhere provokes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use contracts::Code;
use domain::{FailureCode, JobKind};
use testkit::System;

/// Why a job of a kind may end that the sweep does not bring to that end, with the file of a test that does.
const ELSEWHERE: &[(JobKind, FailureCode, &str)] = &[
    (
        JobKind::ImportCopy,
        FailureCode::Timeout,
        "crates/testkit/tests/survival/poison.rs",
    ),
    (
        JobKind::SplitBatch,
        FailureCode::Timeout,
        "crates/grading/tests/rpc/failures.rs",
    ),
    (
        JobKind::SplitBatch,
        FailureCode::PageTooLarge,
        "crates/grading/tests/rpc/failures.rs",
    ),
    (
        JobKind::FinalizeCopy,
        FailureCode::Timeout,
        "crates/grading/tests/rpc/corrections.rs",
    ),
    (
        JobKind::FinalizeCopy,
        FailureCode::PageTooLarge,
        "crates/grading/tests/rpc/corrections.rs",
    ),
    (
        JobKind::FinalizeCopy,
        FailureCode::InvalidPdf,
        "crates/pdf-worker/tests/sandbox/finalizing.rs",
    ),
    (
        JobKind::FinalizeCopy,
        FailureCode::EncryptedPdf,
        "crates/pdf-worker/tests/sandbox/finalizing.rs",
    ),
    (
        JobKind::ReadIdentity,
        FailureCode::OcrUnavailable,
        "crates/testkit/tests/identifying/suggestions.rs",
    ),
    (
        JobKind::ReadIdentity,
        FailureCode::OcrTimeout,
        "crates/pdf-worker/tests/sandbox/reading.rs",
    ),
    (
        JobKind::ReadIdentity,
        FailureCode::OcrFailed,
        "crates/pdf-worker/tests/sandbox/reading.rs",
    ),
    (
        JobKind::MakeArchive,
        FailureCode::Unknown,
        "crates/testkit/tests/correcting/archiving.rs",
    ),
];

/// Whether a worker may say so of a job of this kind.
fn is_possible(kind: JobKind, code: FailureCode) -> bool {
    match kind {
        JobKind::ImportCopy | JobKind::SplitBatch => !code.is_of_reading(),
        // What was imported has pages, and not too many.
        JobKind::FinalizeCopy => {
            !code.is_of_reading() && ![FailureCode::EmptyResult, FailureCode::TooManyPages].contains(&code)
        }
        // No document is opened.
        JobKind::ReadIdentity => code.is_of_reading() || code == FailureCode::Unknown,
        JobKind::MakeArchive => code == FailureCode::Unknown,
    }
}

/// The codes with which requests were refused that are none, and the codes with which none was refused.
pub(crate) fn unknown_and_unseen(seen: &BTreeSet<String>) -> Vec<&str> {
    let known: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let seen: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    seen.symmetric_difference(&known).copied().collect()
}

/// How jobs of each kind have failed for good.
pub(crate) fn failures(system: &System) -> BTreeSet<String> {
    let failed = "SELECT DISTINCT kind || ' ' || failure FROM grading.jobs WHERE state = 'FAILED'";
    system.database.texts(failed).into_iter().collect()
}

/// What is neither in the sweep nor elsewhere, or in both, or cannot be.
pub(crate) fn amiss(seen: &BTreeSet<String>) -> Vec<String> {
    let mut amiss = Vec::new();
    for kind in JobKind::ALL {
        for code in FailureCode::ALL {
            let name = format!("{kind} {code}");
            let named = ELSEWHERE
                .iter()
                .filter(|row| (row.0, row.1) == (*kind, *code))
                .count();
            let ways = usize::from(seen.contains(&name)) + named;
            if ways != usize::from(is_possible(*kind, *code)) {
                amiss.push(name);
            }
        }
    }
    amiss
}

#[test]
fn each_failure_that_the_sweep_leaves_out_is_named_by_the_test_that_provokes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (kind, code, file) in ELSEWHERE {
        let test = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let named = [format!("\"{code}\""), format!("FailureCode::{code:?}")];
        assert!(
            test.contains("#[tokio::test]") && named.iter().any(|name| test.contains(name)),
            "{file} has no test of {kind} {code}"
        );
    }
}

#[test]
fn a_failure_that_is_nowhere_or_twice_or_cannot_be_is_amiss() {
    let seen = [
        "IMPORT_COPY timeout",
        "MAKE_ARCHIVE ocr_failed",
        "SPLIT_BATCH unknown",
    ];
    let amiss = amiss(&seen.map(str::to_owned).into());
    for (name, expected) in [
        ("IMPORT_COPY timeout", true),
        ("IMPORT_COPY unknown", true),
        ("MAKE_ARCHIVE ocr_failed", true),
        ("MAKE_ARCHIVE unknown", false),
        ("SPLIT_BATCH unknown", false),
    ] {
        assert_eq!(amiss.iter().any(|known| known == name), expected, "{name}");
    }
    let codes = ["not_found", "Kanari"].map(str::to_owned).into();
    let codes = unknown_and_unseen(&codes);
    assert!(codes.contains(&"Kanari") && codes.contains(&"timeout") && !codes.contains(&"not_found"));
}
