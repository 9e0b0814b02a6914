//! What the playbook says beside what the drill runs.

use std::fs;

use domain::{Digest, Layout};
use tempfile::TempDir;
use testkit::{System, Upload, corpus};

use crate::calls;
use crate::seat::Seat;
use crate::typed::{BROKEN, CHEAT_SHEET, IMPORT, PLAYBOOK, WHICH, lines};

#[tokio::test]
async fn what_the_playbook_says_beside_its_drills_can_be_typed_as_it_stands() {
    let mut system = System::start().await;
    let machine = TempDir::new().unwrap();
    let mut variables = system.seat();
    variables.push(("KORRIGO_LOG_DIR".to_owned(), system.logs().into()));
    let mut seat = Seat::take(machine.path(), variables);

    let failed = failed_import(&mut system).await;
    seat.enter(&format!("export KORRIGO_ADMIN_URLS={}", system.admin_urls()));
    failed.put_down(&mut seat);
    let batch = failed_scan(&system).await;
    seat.enter(&format!("BATCH={batch}"));
    type_all(&mut seat, IMPORT);
    system.settle().await;
    let retried = system
        .teacher()
        .await
        .get(&format!("/copies/{}", failed.copy))
        .await;
    assert_eq!(retried.expect(200).json()["page_count"], 2);

    Import::order(&system, corpus::text(3)).await.put_down(&mut seat);
    system.settle().await;
    for section in [WHICH, CHEAT_SHEET] {
        type_all(&mut seat, section);
    }

    system.vouched().await;
    for line in lines(PLAYBOOK, BROKEN, "shell") {
        if line.starts_with("SIZE=") {
            fs::remove_file(system.checkpoints()).unwrap();
        }
        seat.enter(&line);
    }
    // What comes now is signed again, in a new file.
    Import::order(&system, corpus::text(4)).await;
    system.settle().await;
    system.vouched().await;
    seat.enter("korrigo audit verify");
    calls::check(&seat.calls());
}

fn type_all(seat: &mut Seat, section: &str) {
    for line in lines(PLAYBOOK, section, "shell") {
        seat.enter(&line);
    }
}

/// A copy that was uploaded, and what brings its pages.
pub(crate) struct Import {
    copy: String,
    job: String,
    request: String,
}

impl Import {
    pub(crate) async fn order(system: &System, document: Vec<u8>) -> Self {
        let exam = system.exam().await;
        let upload = Upload::new(&exam, document, &exam);
        let accepted = system.teacher().await.upload(upload).await.expect(202);
        Self {
            copy: accepted.text("/copy_id"),
            job: accepted.text("/job/id"),
            request: accepted.header("x-request-id").to_owned(),
        }
    }

    /// As the variables that the playbook speaks of.
    pub(crate) fn put_down(&self, seat: &mut Seat) {
        let Self { copy, job, request } = self;
        seat.enter(&format!("COPY={copy} JOB={job} REQUEST={request}"));
    }
}

/// A scan of many copies that cannot be taken apart.
async fn failed_scan(system: &System) -> String {
    let exam = system.exam_on(2, Layout::A4).await;
    let upload = Upload::new(&exam, corpus::user_encrypted(), &exam);
    let accepted = system.teacher().await.upload_batch(upload).await.expect(202);
    system.settle().await;
    accepted.text("/batch_id")
}

/// One that was given up for a cause that is mended.
async fn failed_import(system: &mut System) -> Import {
    system.worker().kill();
    let document = corpus::text(2);
    let source = Digest::of(&document).to_string();
    let import = Import::order(system, document).await;
    let source = system.blob(&source).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();
    system.worker().restart().await;
    system.given_up(&import.job).await;
    fs::rename(&away, &source).unwrap();
    import
}
