//! Checkpoints of the audit trail that cannot be what they should.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use contracts::Code;
use contracts::grading as pb;
use domain::audit::SigningKey;
use tempfile::TempDir;

use crate::harness::{Grading, code};

/// A key, and room for the file of checkpoints.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        let key = SigningKey::random("school.example".parse().expect("a name"));
        let path = place.0.path().join("key");
        fs::write(&path, key.expose()).expect("it can be written");
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(path, mode).expect("the key is kept");
        place
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("checkpoints")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).expect("there are checkpoints")
    }

    /// A service with a database of its own whose checkpoints are here.
    async fn grading(&self) -> Grading {
        let option = |name: &str, path: &Path| format!("--audit-{name}={}", path.display());
        let key = option("key", &self.0.path().join("key"));
        let file = option("checkpoints", &self.file());
        let interval = "--audit-checkpoint-interval=10ms";
        Grading::start_with(&["--job-lease=1h", interval, &key, &file]).await
    }
}

/// Has an event recorded.
async fn event(grading: &Grading) {
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let fence = worker.granted(&registered.job_id).await.fence;
    let failed = worker.fail(&registered.job_id, fence, "invalid_pdf").await;
    assert_eq!(failed, (true, false));
}

#[tokio::test]
async fn a_database_that_was_put_back_beside_newer_checkpoints_is_told_of_and_nothing_is_signed() {
    let place = Place::new();
    let grading = place.grading().await;
    for _ in 0..2 {
        event(&grading).await;
    }
    grading
        .logged
        .wait_for("audit.checkpoint_written", &[("size", "2")])
        .await;
    drop(grading);
    let signed = place.text();

    // Another database, which the file knows nothing of.
    let grading = place.grading().await;
    event(&grading).await;
    let said = [("size", "1"), ("checkpoint", "2")];
    grading.logged.wait_for("audit.tree_behind", &said).await;
    assert_eq!(place.text(), signed);
}

#[tokio::test]
async fn checkpoints_that_cannot_be_read_are_unavailable_to_who_asks_and_that_is_told() {
    let place = Place::new();
    let grading = place.grading().await;
    fs::create_dir(place.file()).expect("there is no file yet");
    let request = pb::ListCheckpointsRequest {
        limit: 10,
        ..pb::ListCheckpointsRequest::default()
    };
    let request = grading.signed_by_admin(request).await;
    let answer = grading.audit().list_checkpoints(request).await;
    assert_eq!(code(answer), Code::Unavailable);
    let said = [("error", "grading::CheckpointError::File: io::IsADirectory")];
    grading
        .logged
        .wait_for("audit.checkpoints_unreadable", &said)
        .await;
}
