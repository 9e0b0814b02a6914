//! What is in `deploy/` to watch Korrigo with does what its tests say, and follows what there is to watch.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The script of `make alerts`. It fails where the tools are not installed and cannot be.
#[test]
fn prometheus_and_alertmanager_understand_their_files_and_every_alert_does_what_its_tests_say() {
    let said = Command::new("sh")
        .arg(".config/check-alerts.sh")
        .current_dir(root())
        .output()
        .unwrap();
    let (told, complained) = (
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr),
    );
    assert!(said.status.success(), "{told}\n{complained}");
}

/// They last as long as the sender takes.
#[test]
fn routes_that_take_files_count_nowhere_as_slow() {
    let text = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    let taking = paths
        .iter()
        .filter(|(_, methods)| takes_files(methods))
        .map(|(path, _)| path.as_str());
    let taking: BTreeSet<&str> = taking.collect();
    assert!(taking.contains("/api/v1/exams/{id}/copies"), "{taking:?}");

    let rules = fs::read_to_string(root().join("deploy/prometheus/rules/latency.yml")).unwrap();
    let timed = rules.matches("http_request_duration_seconds_").count();
    let excluded = rules.split("path!~\"").skip(1);
    let excluded: Vec<BTreeSet<&str>> = excluded
        .map(|rest| rest.split('"').next().unwrap().split('|').collect())
        .collect();
    assert_eq!(excluded, vec![taking; timed]);
}

/// Whether one of the methods of a path takes something else than JSON.
fn takes_files(methods: &Value) -> bool {
    let operations = methods.as_object().unwrap().values();
    let mut kinds = operations
        .filter_map(|operation| operation.pointer("/requestBody/content")?.as_object())
        .flat_map(|content| content.keys());
    kinds.any(|kind| kind != "application/json")
}
