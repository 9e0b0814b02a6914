//! What is drilled: the fault, and what has to be said of it.

use crate::diagnosis::Finding;
use crate::drill::fault::Fault;

/// A fault, and what the commands of its section in the playbook have to say.
#[derive(Debug)]
pub struct Scenario {
    /// The heading of its section, as it is linked to.
    pub name: &'static str,
    /// The verdict that names this fault and no other.
    pub verdict: &'static str,
    pub(super) fault: Fault,
    /// How each command of the diagnosis has to end.
    pub(super) expected: &'static [Expected],
    /// What else may be found, because this fault causes it.
    pub(super) consequences: &'static [Finding],
    /// The verdict on the copy at the end.
    pub(super) end: &'static str,
    /// What the trail of the copy has to have at the end.
    pub(super) events: &'static [&'static str],
}

/// How a command of the diagnosis has to end, and its verdict where it gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) code: i32,
    pub(super) verdict: Option<&'static str>,
}

const fn told(code: i32, verdict: &'static str) -> Expected {
    Expected {
        code,
        verdict: Some(verdict),
    }
}

const fn ends(code: i32) -> Expected {
    Expected { code, verdict: None }
}

/// All of them, in the order of the playbook.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "import-stuck",
        verdict: "import_failed",
        fault: Fault::BrokenScan,
        expected: &[told(1, "imports_failed"), ends(0), told(1, "import_failed")],
        consequences: &[],
        end: "discarded",
        events: &["IMPORT", "DISCARD"],
    },
    Scenario {
        name: "worker-down",
        verdict: "no_worker",
        fault: Fault::WorkerDown,
        expected: &[told(1, "no_worker"), told(1, "no_worker")],
        consequences: &[Finding::ServiceNotReady],
        end: "waiting_for_validation",
        events: &["IMPORT"],
    },
    Scenario {
        name: "worker-hangs",
        verdict: "service_not_ready",
        fault: Fault::WorkerHangs,
        expected: &[told(1, "service_not_ready"), told(0, "waiting_for_worker")],
        consequences: &[],
        end: "waiting_for_validation",
        events: &["IMPORT"],
    },
    Scenario {
        name: "finalization-failing",
        verdict: "finalize_failed",
        fault: Fault::SourceGone,
        expected: &[told(1, "finalizes_failed"), ends(0), told(1, "finalize_failed")],
        consequences: &[],
        end: "done",
        events: &["FINALIZE", "RETRY"],
    },
    Scenario {
        name: "lock-conflicts",
        verdict: "being_corrected",
        fault: Fault::LockKept,
        expected: &[told(0, "well"), told(0, "being_corrected"), ends(0)],
        consequences: &[],
        end: "waiting_for_corrector",
        events: &["LOCK", "FORCE_UNLOCK"],
    },
    Scenario {
        name: "high-latency",
        verdict: "transactions_blocked",
        fault: Fault::TransactionsBlocked,
        expected: &[told(1, "transactions_blocked"), ends(0)],
        consequences: &[],
        end: "being_corrected",
        events: &["LOCK"],
    },
    Scenario {
        name: "missing-audit-events",
        verdict: "audit_mismatch",
        fault: Fault::ChangeWithoutEvent,
        expected: &[told(1, "audit_mismatch"), ends(1), ends(0)],
        consequences: &[],
        end: "waiting_for_corrector",
        events: &["IMPORT", "VALIDATE"],
    },
    Scenario {
        name: "audit-chain-broken",
        verdict: "audit_tampered",
        fault: Fault::EventAltered,
        expected: &[told(1, "audit_tampered"), ends(1), ends(0)],
        consequences: &[],
        end: "waiting_for_corrector",
        events: &["IMPORT", "VALIDATE"],
    },
    Scenario {
        name: "broker-alarm",
        verdict: "broker_blocked",
        fault: Fault::BrokerFull,
        expected: &[told(1, "broker_blocked"), told(1, "not_announced")],
        consequences: &[Finding::OutboxStuck, Finding::ServiceDegraded],
        end: "waiting_for_validation",
        events: &["IMPORT"],
    },
    Scenario {
        name: "broker-down",
        verdict: "broker_down",
        fault: Fault::BrokerDown,
        expected: &[told(1, "broker_down"), told(1, "not_announced")],
        consequences: &[
            Finding::OutboxStuck,
            Finding::ServiceDegraded,
            Finding::ServiceNotReady,
        ],
        end: "waiting_for_validation",
        events: &["IMPORT"],
    },
    Scenario {
        name: "database-down",
        verdict: "database_down",
        fault: Fault::DatabaseDown,
        expected: &[told(1, "database_down"), ends(2)],
        consequences: &[Finding::ServiceDegraded, Finding::ServiceNotReady],
        end: "waiting_for_corrector",
        events: &["IMPORT", "VALIDATE"],
    },
    Scenario {
        name: "disk-full",
        verdict: "blobs_unwritable",
        fault: Fault::VolumeFull,
        expected: &[told(1, "blobs_unwritable"), ends(0), ends(0)],
        consequences: &[],
        end: "waiting_for_corrector",
        events: &["IMPORT", "VALIDATE"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Verdict;

    #[test]
    fn every_fault_has_a_verdict_of_its_own_out_of_the_closed_lists() {
        let mut verdicts: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.verdict).collect();
        let findings = Finding::ALL.iter().map(|finding| finding.as_str());
        let verdicts_of_one = Verdict::ALL.iter().map(|verdict| verdict.as_str());
        let known: Vec<_> = findings.chain(verdicts_of_one).chain(["well"]).collect();
        let said = SCENARIOS.iter().flat_map(|scenario| scenario.expected);
        for verdict in said.filter_map(|expected| expected.verdict) {
            assert!(known.contains(&verdict), "{verdict}");
        }
        verdicts.sort_unstable();
        verdicts.dedup();
        assert_eq!(verdicts.len(), SCENARIOS.len());
    }
}
