//! What the playbook says beside what the drill runs.

use std::fs;

use domain::Digest;
use tempfile::TempDir;
use testkit::{System, Upload, corpus, eventually};

use crate::calls;
use crate::seat::Seat;
use crate::typed::{BROKEN, CHEAT_SHEET, IMPORT, MISSING, PLAYBOOK, WHICH, lines};

#[tokio::test]
async fn what_the_playbook_says_beside_its_drills_can_be_typed_as_it_stands() {
    let mut system = System::start().await;
    let machine = TempDir::new().unwrap();
    let mut variables = system.seat();
    variables.extend([
        ("KORRIGO_LOG_DIR".to_owned(), system.logs().into()),
        ("KORRIGO_OPERATOR".to_owned(), system.admin_login().into()),
    ]);
    let mut seat = Seat::take(machine.path(), variables);

    let (copy, job, request) = failed_import(&mut system).await;
    for (name, value) in [("COPY", &copy), ("JOB", &job), ("REQUEST", &request)] {
        seat.enter(&format!("{name}={value}"));
    }
    type_all(&mut seat, IMPORT);
    system.settle().await;
    let retried = system.teacher().await.get(&format!("/copies/{copy}")).await;
    assert_eq!(retried.expect(200).json()["page_count"], 2);
    for section in [WHICH, CHEAT_SHEET] {
        type_all(&mut seat, section);
    }

    type_all(&mut seat, MISSING);
    fs::remove_dir_all(seat.path("/mnt/backups")).unwrap();
    fs::create_dir(seat.path("/mnt/backups")).unwrap();
    system.vouched().await;
    for line in lines(PLAYBOOK, BROKEN, "shell") {
        if line.starts_with("SIZE=") {
            fs::remove_file(system.checkpoints()).unwrap();
        }
        seat.enter(&line);
    }
    // Grading signs again, into a new file.
    system.vouched().await;
    seat.enter("korrigo audit verify");
    calls::check(&seat.calls());
}

fn type_all(seat: &mut Seat, section: &str) {
    for line in lines(PLAYBOOK, section, "shell") {
        seat.enter(&line);
    }
}

/// A copy whose import was given up for a cause that is mended, its job, and the request that brought it.
async fn failed_import(system: &mut System) -> (String, String, String) {
    system.worker().kill();
    let (exam, document) = (system.exam().await, corpus::text(2));
    let source = Digest::of(&document).to_string();
    let upload = Upload::new(&exam, document, "a-copy-whose-scan-is-away");
    let accepted = system.teacher().await.upload(upload).await.expect(202);
    let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
    let request = accepted.header("x-request-id").to_owned();
    let source = system.blob(&source).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();
    system.worker().restart().await;
    system.given_up(&job).await;
    fs::rename(&away, &source).unwrap();
    (copy, job, request)
}
