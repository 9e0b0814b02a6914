//! The trail of a running system proves itself, and its checkpoints hold nobody up.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::{System, eventually};

use crate::desk::{Desk, items};

const EVENTS: &str = "SELECT count(*) FROM grading.grading_events";

pub(crate) fn verified(system: &System) -> Value {
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
    system.vouched().await;
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
    let words = format!("OK: {events} events of 1 copies and 0 people are what was written\n");
    assert_eq!(verified_by_others(&system, "trail"), words);

    found_by_itself(&system).await;
}

/// What the program of docs/ says of an export, which shares nothing with ours.
pub(crate) fn verified_by_others(system: &System, export: &str) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit_verify.py");
    let others = Command::new("python3")
        .arg("-I")
        .arg(program)
        .args([
            system.path(export),
            system.path("audit-key.pub"),
            system.checkpoints(),
        ])
        .output()
        .unwrap();
    String::from_utf8_lossy(&others.stdout).into_owned()
}

#[tokio::test]
async fn administrators_read_the_whole_trail_over_the_api_and_what_they_get_verifies() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    desk.grade(&system.teacher().await).await;
    system.vouched().await;
    let (admin, events) = (system.admin().await, system.count(EVENTS));

    let (mut listed, mut path) = (Vec::new(), "/audit/events?limit=3".to_owned());
    loop {
        let page = admin.get(&path).await.expect(200);
        listed.extend(items(&page.json()));
        let cursor = page.text("/next_cursor");
        if cursor.is_empty() {
            break;
        }
        path = format!("/audit/events?limit=3&cursor={cursor}");
    }
    let positions: Vec<_> = listed
        .iter()
        .map(|event| event["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, (0..events).collect::<Vec<_>>());
    let copy = &desk.copy;
    let locked = admin
        .get(&format!("/audit/events?copy_id={copy}&action=LOCK"))
        .await;
    let locked = items(&locked.expect(200).json());
    assert_eq!(locked.len(), 1);
    let by = format!(
        "/audit/events?actor_id={}",
        locked[0]["actor_id"].as_str().unwrap()
    );
    let by = items(&admin.get(&by).await.expect(200).json());
    assert!(by.len() > 1 && by.iter().all(|event| event["actor_id"] == locked[0]["actor_id"]));
    let odd = admin.get("/audit/events?action=PROMOTE").await;
    assert_eq!(
        odd.expect_problem(422, "invalid").text("/errors/0/pointer"),
        "/action"
    );

    let checkpoints = admin.get("/audit/checkpoints?limit=1").await.expect(200);
    assert_eq!(checkpoints.json()["items"][0]["size"], events);
    let key = std::fs::read_to_string(system.path("audit-key.pub")).unwrap();
    assert_eq!(checkpoints.text("/items/0/key"), key.trim());

    let export = admin.get("/audit/export").await.expect(200);
    std::fs::write(system.path("trail-of-the-api"), &export.body).unwrap();
    let words = format!("OK: {events} events of 1 copies and 0 people are what was written\n");
    assert_eq!(verified_by_others(&system, "trail-of-the-api"), words);
    let last = desk.events().await.pop().unwrap();
    assert_eq!(
        (&last["action"], &last["metadata"]["variant"]),
        (&"EXPORT".into(), &"audit".into())
    );
    assert_eq!(last["actor_type"], "user");
}

/// Waits until the service has verified the trail, with so many failures.
async fn verifies(system: &System, expected: f64) {
    eventually("the service to verify", async || {
        let verified = last_verified(system).await;
        let failures = system.grading.metric("grading_audit_verify_failures", "").await;
        if verified > 0.0 && failures.to_bits() == expected.to_bits() {
            Ok(())
        } else {
            Err((verified, failures))
        }
    })
    .await;
}

async fn last_verified(system: &System) -> f64 {
    let metric = "grading_audit_last_verified_timestamp_seconds";
    system.grading.metric(metric, "").await
}

/// Waits for the line of a finding: the metric that shows it is set before the line is written.
async fn tampered(system: &System, finding: &str) -> Value {
    system
        .logged_with("audit.tampered", &[("finding", finding)])
        .await
}

/// How many log lines have this event.
fn lines(system: &System, event: &str) -> usize {
    let lines = system.log_lines();
    lines.iter().filter(|line| line["event"] == event).count()
}

/// The service notices what somebody did who rules the database, and that it was undone.
async fn found_by_itself(system: &System) {
    let alter = |by: &str| {
        system.database.run(&format!(
            "SET session_replication_role = replica;
             UPDATE grading.grading_events SET copy_version = copy_version {by} WHERE action = 'LOCK'"
        ));
    };
    verifies(system, 0.0).await;
    alter("+ 1000");
    verifies(system, 1.0).await;
    let line = tampered(system, "edited").await;
    assert_eq!((&line["level"], &line["seq"]), (&"CRITICAL".into(), &3.into()));
    alter("- 1000");
    verifies(system, 0.0).await;
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
    let failed = [("level", "WARNING")];
    system.logged_with("audit.checkpoint_failed", &failed).await;

    std::fs::rename(&away, system.audit_key()).unwrap();
    system.vouched().await;
    assert_eq!(verified(&system)["events"], system.count(EVENTS));
}

#[tokio::test]
async fn checkpoints_that_disappear_are_missed_and_nothing_is_signed_until_they_are_back() {
    let system = System::builder()
        .setting("KORRIGO_AUDIT_VERIFY_INTERVAL", "1s")
        .start()
        .await;
    let desk = Desk::ready(&system).await;
    system.vouched().await;
    let away = system.path("checkpoints that are away");
    std::fs::rename(system.checkpoints(), &away).unwrap();
    verifies(&system, 1.0).await;
    let line = tampered(&system, "checkpoints_lost").await;
    assert_eq!(line["level"], "CRITICAL");

    desk.grade(&system.teacher().await).await;
    eventually("a checkpoint that is not written", async || {
        let metric = "grading_audit_sink_failures_total";
        let failures = system.grading.metric(metric, "sink=\"checkpoint\"").await;
        if failures > 0.0 { Ok(()) } else { Err(failures) }
    })
    .await;
    assert!(!system.checkpoints().exists(), "it was begun anew");

    std::fs::rename(&away, system.checkpoints()).unwrap();
    verifies(&system, 0.0).await;
    system.vouched().await;
    assert_eq!(verified(&system)["events"], system.count(EVENTS));
}

#[tokio::test]
async fn checkpoints_that_are_missed_when_one_is_signed_are_looked_for_at_once() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    system.vouched().await;
    // The next one of its own accord would be in an hour.
    verifies(&system, 0.0).await;
    std::fs::remove_file(system.checkpoints()).unwrap();
    desk.grade(&system.teacher().await).await;
    verifies(&system, 1.0).await;
    tampered(&system, "checkpoints_lost").await;
}

#[tokio::test]
async fn a_verification_without_the_checkpoints_that_should_be_there_does_not_count_as_one() {
    let system = System::builder()
        .setting("KORRIGO_AUDIT_VERIFY_INTERVAL", "1s")
        .start()
        .await;
    verifies(&system, 0.0).await;
    let away = system.path("a key that is away");
    std::fs::rename(system.audit_key(), &away).unwrap();
    let unheard = async |times| {
        let told = lines(&system, "audit.checkpoints_unreadable");
        eventually("checkpoints that cannot be read", async || {
            match lines(&system, "audit.checkpoints_unreadable") - told {
                more if more >= times => Ok(()),
                more => Err(more),
            }
        })
        .await;
    };
    unheard(1).await;
    let before = last_verified(&system).await;
    unheard(2).await;
    assert_eq!(last_verified(&system).await.to_bits(), before.to_bits());

    std::fs::rename(&away, system.audit_key()).unwrap();
    eventually("the next verification", async || {
        let verified = last_verified(&system).await;
        if verified > before { Ok(()) } else { Err(verified) }
    })
    .await;
}
