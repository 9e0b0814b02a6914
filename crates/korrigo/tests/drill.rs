//! One drill of the playbook. `make prove ARGS=drill` does all of them.
//!
//! The services' binaries have to lie beside `korrigo`: `make test` sees to that.
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use testkit::packages;

#[test]
fn a_worker_that_is_down_is_named_and_told_of_and_mended_as_the_playbook_says() {
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    let directory = tempfile::Builder::new().permissions(open).tempdir().unwrap();
    if packages().unpacked().is_dir() {
        symlink(packages().unpacked(), directory.path().join("packages")).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_korrigo"))
        .args(["drill", "worker-down", "--json", "--alerts"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/prometheus"))
        .arg("--directory")
        .arg(directory.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome[0]["named"], serde_json::json!(["no_worker"]));
    assert_eq!(outcome[0]["alert"], "KorrigoQueueWithoutConsumer");
    assert_eq!(outcome[0]["mended"], true);
    assert!(
        !directory.path().join("drill").exists(),
        "the stack of a drill is removed"
    );
}
