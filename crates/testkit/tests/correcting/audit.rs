//! The trail of a running system proves itself, and its checkpoints hold nobody up.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::{System, eventually};

use crate::desk::Desk;

const EVENTS: &str = "SELECT count(*) FROM grading.grading_events";

/// Waits until a checkpoint vouches for every event.
async fn vouched(system: &System) {
    eventually("a checkpoint of all events", async || {
        let events = system.count(EVENTS).to_string();
        let notes = std::fs::read_to_string(system.checkpoints()).unwrap_or_default();
        let sizes: Vec<&str> = notes
            .split("\n\n")
            .filter_map(|part| part.lines().nth(1))
            .collect();
        match sizes.last() {
            Some(size) if **size == events => Ok(()),
            last => Err(last.map(|size| (*size).to_owned())),
        }
    })
    .await;
}

fn verified(system: &System) -> Value {
    let output = system.operate(&["audit", "verify", "--json"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn what_a_running_system_wrote_is_vouched_for_handed_out_and_verified_without_us() {
    let system = System::builder()
        .setting("KORRIGO_AUDIT_VERIFY_INTERVAL", "1s")
        .start()
        .await;
    let desk = Desk::ready(&system).await;
    desk.grade(&system.teacher().await).await;
    vouched(&system).await;
    let events = system.count(EVENTS);
    let said = verified(&system);
    assert_eq!(
        (&said["events"], &said["leaves"]),
        (&events.into(), &events.into())
    );
    assert!(said["checkpoints"].as_u64() > Some(0));

    let login = system.admin_login();
    let exported = system.operate(&["audit", "export", "--to", "trail", "--operator", login]);
    assert!(
        exported.status.success(),
        "{}",
        String::from_utf8_lossy(&exported.stderr)
    );
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit_verify.py");
    let others = Command::new("python3")
        .arg("-I")
        .arg(program)
        .args([
            system.path("trail"),
            system.path("audit-key.pub"),
            system.checkpoints(),
        ])
        .output()
        .unwrap();
    let words = format!("OK: {events} events of 1 copies are what was written\n");
    assert_eq!(String::from_utf8_lossy(&others.stdout), words);

    found_by_itself(&system).await;
}

/// The service notices what somebody did who rules the database, and that it was undone.
async fn found_by_itself(system: &System) {
    let alter = |by: &str| {
        system.database.run(&format!(
            "SET session_replication_role = replica;
             UPDATE grading.grading_events SET copy_version = copy_version {by} WHERE action = 'LOCK'"
        ));
    };
    let failures = async |expected: f64| {
        eventually("the service to verify", async || {
            let verified = system
                .grading
                .metric("grading_audit_last_verified_timestamp_seconds", "")
                .await;
            let failures = system.grading.metric("grading_audit_verify_failures", "").await;
            if verified > 0.0 && failures.to_bits() == expected.to_bits() {
                Ok(())
            } else {
                Err((verified, failures))
            }
        })
        .await;
    };
    failures(0.0).await;
    alter("+ 1000");
    failures(1.0).await;
    let told = |line: &Value| line["event"] == "audit.tampered" && line["finding"] == "edited";
    let lines = system.log_lines();
    let line = lines.iter().find(|line| told(line)).unwrap();
    assert_eq!((&line["level"], &line["seq"]), (&"CRITICAL".into(), &3.into()));
    alter("- 1000");
    failures(0.0).await;
    let mismatches = system
        .grading
        .metric("grading_audit_reconcile_mismatches", "")
        .await;
    assert!(mismatches.abs() < 0.5);
}

#[tokio::test]
async fn without_a_key_everything_goes_on_and_what_was_missed_is_vouched_for_afterwards() {
    let system = System::start().await;
    let away = system.path("a key that is away");
    std::fs::rename(system.audit_key(), &away).unwrap();
    let desk = Desk::ready(&system).await;
    eventually("the missing checkpoint to be counted", async || {
        let failures = system
            .grading
            .metric("grading_audit_sink_failures_total", "sink=\"checkpoint\"")
            .await;
        if failures > 0.0 { Ok(()) } else { Err(failures) }
    })
    .await;
    desk.grade(&system.teacher().await).await;
    let told = |line: &Value| line["event"] == "audit.checkpoint_failed" && line["level"] == "WARNING";
    assert!(system.log_lines().iter().any(told));

    std::fs::rename(&away, system.audit_key()).unwrap();
    vouched(&system).await;
    assert_eq!(verified(&system)["events"], system.count(EVENTS));
}
