//! What is drilled: the fault, and what has to be said of it.

use serde_json::Value;

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
    /// The alert by which somebody is told, where one fault of its kind is reason enough to tell anybody.
    pub(super) alert: Option<Alert>,
    /// How each command of the diagnosis has to end.
    pub(super) expected: &'static [Expected],
    /// What else may be found, because this fault causes it.
    pub(super) consequences: &'static [Finding],
    /// What else may be found while it is being mended, because what it hit needs some seconds to come back.
    pub(super) returning: &'static [Finding],
    /// The verdict on the copy at the end.
    pub(super) end: &'static str,
    /// What the trail of the copy has to have at the end.
    pub(super) events: &'static [Did],
}

/// An event that has to be in a trail: what, by whom, and whether it worked where it could have failed.
#[derive(Debug)]
pub(super) struct Did {
    action: &'static str,
    actor: &'static str,
    success: Option<bool>,
}

impl Did {
    /// Whether it is this one, as a diagnosis tells it.
    pub(super) fn is(&self, event: &Value) -> bool {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        (Some(self.action), Some(self.actor)) == (text("action"), text("actor"))
            && self.success == event.get("success").and_then(Value::as_bool)
    }
}

const fn did(actor: &'static str, action: &'static str) -> Did {
    Did {
        action,
        actor,
        success: None,
    }
}

const fn tried(action: &'static str, success: bool) -> Did {
    Did {
        action,
        actor: "service",
        success: Some(success),
    }
}

/// By what somebody is told of a fault: an alert, and what it has to be about where it may be about something else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alert {
    pub(super) name: &'static str,
    about: Option<(&'static str, &'static str)>,
}

impl Alert {
    /// The alert of this name, whatever it is about.
    pub(super) const fn named(name: &'static str) -> Self {
        Self { name, about: None }
    }

    /// Only if this label says so.
    pub(super) const fn of(self, label: &'static str, value: &'static str) -> Self {
        Self {
            about: Some((label, value)),
            ..self
        }
    }

    /// Whether these are its labels, as Prometheus tells them.
    pub(super) fn is(&self, labels: &Value) -> bool {
        let says = |label: &str, value: &str| labels.get(label).and_then(Value::as_str) == Some(value);
        says("alertname", self.name) && self.about.is_none_or(|(label, value)| says(label, value))
    }
}

/// What may be said of any copy and any system before a fault shows, and while what is left of it goes: no trouble, and the
/// verdict on no fault.
pub(super) const TRANSIENT: [&str; 5] = [
    "well",
    "waiting_for_worker",
    "being_worked_on",
    "about_to_be_retried",
    "waiting_for_validation",
];

impl Scenario {
    /// Whether this may be said while the fault is being mended.
    pub(super) fn may_still_say(&self, said: &str) -> bool {
        self.may_say(said) || self.returning.iter().any(|finding| finding.as_str() == said)
    }

    /// Whether this may be said while the fault is there.
    pub(super) fn may_say(&self, said: &str) -> bool {
        let expected = self.expected.iter().filter_map(|expected| expected.verdict);
        let consequences = self.consequences.iter().map(|finding| finding.as_str());
        expected
            .chain(consequences)
            .chain(TRANSIENT)
            .chain([self.end])
            .any(|allowed| allowed == said)
    }
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
        alert: None,
        expected: &[
            told(1, "imports_failed"),
            ends(0),
            ends(0),
            told(1, "import_failed"),
        ],
        consequences: &[],
        returning: &[],
        end: "discarded",
        events: &[tried("IMPORT", false), did("operator", "DISCARD")],
    },
    Scenario {
        name: "worker-down",
        verdict: "no_worker",
        fault: Fault::WorkerDown,
        alert: Some(Alert::named("KorrigoQueueWithoutConsumer")),
        expected: &[told(1, "no_worker"), told(1, "no_worker")],
        consequences: &[Finding::ServiceDown],
        returning: &[],
        end: "waiting_for_validation",
        events: &[tried("IMPORT", true)],
    },
    Scenario {
        name: "worker-hangs",
        verdict: "worker_silent",
        fault: Fault::WorkerHangs,
        alert: Some(Alert::named("KorrigoServiceDown").of("component", "pdf-worker")),
        expected: &[told(1, "worker_silent"), told(0, "waiting_for_worker")],
        consequences: &[],
        returning: &[],
        end: "waiting_for_validation",
        events: &[tried("IMPORT", true)],
    },
    Scenario {
        name: "finalization-failing",
        verdict: "finalize_failed",
        fault: Fault::SourceGone,
        alert: Some(Alert::named("KorrigoCopiesFailed")),
        expected: &[told(1, "finalizes_failed"), ends(0), told(1, "finalize_failed")],
        consequences: &[],
        returning: &[],
        end: "done",
        events: &[
            tried("FINALIZE", false),
            did("operator", "RETRY"),
            tried("FINALIZE", true),
        ],
    },
    Scenario {
        name: "lock-conflicts",
        verdict: "being_corrected",
        fault: Fault::LockKept,
        alert: None,
        expected: &[told(0, "well"), told(0, "being_corrected"), ends(0)],
        consequences: &[],
        returning: &[],
        end: "waiting_for_corrector",
        events: &[did("user", "LOCK"), did("operator", "FORCE_UNLOCK")],
    },
    Scenario {
        name: "high-latency",
        verdict: "transactions_blocked",
        fault: Fault::TransactionsBlocked,
        alert: None,
        expected: &[
            told(1, "transactions_blocked"),
            ends(0),
            told(1, "transactions_blocked"),
        ],
        consequences: &[],
        returning: &[],
        end: "being_corrected",
        events: &[did("user", "LOCK")],
    },
    Scenario {
        name: "missing-audit-events",
        verdict: "audit_mismatch",
        fault: Fault::ChangeWithoutEvent,
        alert: Some(Alert::named("KorrigoAuditMismatch")),
        expected: &[told(1, "audit_mismatch"), ends(1), ends(0)],
        consequences: &[],
        returning: &[],
        end: "waiting_for_corrector",
        events: &[
            tried("IMPORT", true),
            did("user", "VALIDATE"),
            did("operator", "RESTORE"),
        ],
    },
    Scenario {
        name: "audit-chain-broken",
        verdict: "audit_tampered",
        fault: Fault::EventAltered,
        alert: Some(Alert::named("KorrigoAuditTampered")),
        expected: &[told(1, "audit_tampered"), ends(1), ends(0)],
        consequences: &[],
        returning: &[],
        end: "waiting_for_corrector",
        events: &[
            tried("IMPORT", true),
            did("user", "VALIDATE"),
            did("operator", "RESTORE"),
        ],
    },
    Scenario {
        name: "broker-alarm",
        verdict: "broker_blocked",
        fault: Fault::BrokerFull,
        alert: Some(Alert::named("KorrigoBrokerBlocks")),
        expected: &[told(1, "broker_blocked"), told(1, "not_announced")],
        consequences: &[Finding::OutboxStuck, Finding::ServiceDegraded],
        returning: &[],
        end: "waiting_for_validation",
        events: &[tried("IMPORT", true)],
    },
    Scenario {
        name: "broker-down",
        verdict: "broker_down",
        fault: Fault::BrokerDown,
        alert: Some(Alert::named("KorrigoBrokerLost")),
        expected: &[told(1, "broker_down"), told(1, "not_announced")],
        consequences: &[
            Finding::OutboxStuck,
            Finding::ServiceDegraded,
            Finding::ServiceNotReady,
        ],
        returning: &[Finding::NoWorker],
        end: "waiting_for_validation",
        events: &[tried("IMPORT", true)],
    },
    Scenario {
        name: "database-down",
        verdict: "database_down",
        fault: Fault::DatabaseDown,
        alert: Some(Alert::named("KorrigoNotReady").of("check", "database")),
        expected: &[told(1, "database_down"), told(2, "database_down")],
        consequences: &[Finding::ServiceDegraded, Finding::ServiceNotReady],
        returning: &[],
        end: "waiting_for_corrector",
        events: &[tried("IMPORT", true), did("user", "VALIDATE")],
    },
    Scenario {
        name: "disk-full",
        verdict: "blobs_unwritable",
        fault: Fault::VolumeFull,
        alert: Some(Alert::named("KorrigoVolumeFills").of("volume", "blobs")),
        expected: &[told(1, "blobs_unwritable"), ends(0), ends(0)],
        consequences: &[],
        returning: &[],
        end: "waiting_for_corrector",
        events: &[tried("IMPORT", true), did("user", "VALIDATE")],
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

    #[test]
    fn what_may_be_said_meanwhile_is_no_trouble_and_names_no_fault() {
        let troubles = Verdict::ALL.iter().filter(|verdict| verdict.is_trouble());
        let troubles: Vec<_> = troubles.map(|verdict| verdict.as_str()).collect();
        for transient in TRANSIENT {
            assert!(!troubles.contains(&transient), "{transient}");
            assert!(Finding::ALL.iter().all(|finding| finding.as_str() != transient));
            assert!(SCENARIOS.iter().all(|scenario| scenario.verdict != transient));
        }
    }

    #[test]
    fn what_a_fault_does_not_cause_may_not_be_said_of_it() {
        let import = SCENARIOS
            .iter()
            .find(|scenario| scenario.name == "import-stuck")
            .unwrap();
        for own in ["imports_failed", "import_failed", "well", "discarded"] {
            assert!(import.may_say(own), "{own}");
        }
        for foreign in [
            "dead_letters",
            "service_degraded",
            "finalize_failed",
            "being_corrected",
        ] {
            assert!(!import.may_say(foreign), "{foreign}");
        }
    }

    #[test]
    fn who_comes_back_later_may_only_be_missed_after_the_fault() {
        let down = SCENARIOS
            .iter()
            .find(|scenario| scenario.name == "broker-down")
            .unwrap();
        assert!(!down.may_say("no_worker") && down.may_still_say("no_worker"));
        assert!(!down.may_still_say("dead_letters"));
    }
}
