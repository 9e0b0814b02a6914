//! The lists of verdicts and findings are closed: each is brought about by a test or a drill, or it is said why not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use korrigo::diagnosis::{Finding, Verdict};

/// Which file has the test, or the drill, that brings about which.
const BROUGHT_ABOUT: &[(&str, &[&str])] = &[
    (
        "korrigo/src/drill/scenario.rs",
        &[
            "audit_mismatch",
            "audit_tampered",
            "blobs_unwritable",
            "broker_blocked",
            "discarded",
            "finalizes_failed",
            "import_failed",
            "imports_failed",
            "service_degraded",
            "waiting_for_validation",
        ],
    ),
    (
        "korrigo/tests/sight.rs",
        &[
            "broker_down",
            "broker_rejects",
            "broker_silent",
            "broker_unaddressed",
            "database_down",
            "database_rejects",
            "database_silent",
            "left_nothing",
            "schema_mismatch",
            "service_down",
            "service_silent",
            "transactions_blocked",
            "worker_silent",
        ],
    ),
    (
        "testkit/tests/correcting/operators.rs",
        &[
            "being_corrected",
            "done",
            "finalize_failed",
            "no_worker",
            "not_announced",
            "tried_again",
            "waiting_for_corrector",
        ],
    ),
    (
        "testkit/tests/correcting/troubles.rs",
        &[
            "backup_old",
            "copies_forgotten",
            "database_busy",
            "dead_letters",
            "gateway_silent",
            "grading_silent",
            "jobs_waiting",
            "leases_over",
            "lock_lapsed",
            "locks_overdue",
            "outbox_stuck",
            "queue_missing",
            "service_not_ready",
        ],
    ),
    (
        "testkit/tests/correcting/archiving.rs",
        &["archive_failed", "archives_failed"],
    ),
    ("testkit/tests/correcting/interventions.rs", &["cancelled"]),
    ("testkit/tests/batches.rs", &["split_failed", "splits_failed"]),
    ("testkit/tests/identifying/suggestions.rs", &["read_failed"]),
    ("testkit/tests/certificates.rs", &["certificate_expires"]),
    (
        "testkit/tests/encrypted.rs",
        &["broker_untrusted", "database_untrusted"],
    ),
    ("testkit/tests/survival/volumes.rs", &["database_unwritable"]),
];

/// Those that nobody brings about, by why.
const NOT_BROUGHT_ABOUT: &[(&str, &[&str])] = &[
    (
        "it is over before anybody can be sure to have seen it; korrigo/src/diagnosis.rs tests the rule",
        &["about_to_be_retried", "being_worked_on", "waiting_for_worker"],
    ),
    ("it stands for what nobody has foreseen", &["database_failed"]),
];

#[test]
fn every_verdict_and_every_finding_is_brought_about_or_it_is_said_why_not() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (file, names) in BROUGHT_ABOUT {
        let text = fs::read_to_string(crates.join(file)).unwrap();
        for name in *names {
            // Where it ends a string: what prose says of it proves nothing.
            let is_expected = [format!("\"{name}\""), format!(" {name}\"")];
            assert!(
                is_expected.iter().any(|word| text.contains(word)),
                "{file}: {name}"
            );
        }
    }
    let lists = BROUGHT_ABOUT.iter().chain(NOT_BROUGHT_ABOUT);
    let named: Vec<&str> = lists.flat_map(|(_, names)| names.iter().copied()).collect();
    let known: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(named.len(), known.len(), "one is there twice");
    let findings = Finding::ALL.iter().map(|finding| finding.as_str());
    let all = findings.chain(Verdict::ALL.iter().map(|verdict| verdict.as_str()));
    assert_eq!(all.collect::<BTreeSet<_>>(), known);
}
