//! A worker that is killed at any moment of a job leaves one result.

use domain::{JobKind, JobState, Layout};
use reqwest::Method;
use testkit::{Client, System, Upload, corpus, eventually};

use crate::archiving::members;
use crate::desk::{Desk, Pen};

/// Pages enough that a job has a middle.
const PAGES: u32 = 12;

/// When the worker is killed.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Its claim is stored, and it does not know.
    Claimed,
    /// Its first results are among the blobs.
    Stored,
    /// Its report is being stored.
    Reporting,
    /// Its report is stored, and the message is not acknowledged.
    Reported,
}

const STAGES: [Stage; 4] = [Stage::Claimed, Stage::Stored, Stage::Reporting, Stage::Reported];

/// What a job is about, and what shows that it had its result once.
struct Kind {
    job: JobKind,
    /// What is written last when it ends.
    table: &'static str,
    /// Counts the results of one thing.
    results: &'static str,
    /// How many blobs its beginning makes.
    uploads: usize,
}

const IMPORT: Kind = Kind {
    job: JobKind::ImportCopy,
    table: "grading.pages",
    results: "SELECT count(*) FROM grading.grading_events
              WHERE copy_id = $id AND action = 'IMPORT' AND metadata -> 'success' = 'true'",
    uploads: 1,
};

const FINALIZE: Kind = Kind {
    job: JobKind::FinalizeCopy,
    table: "grading.documents",
    results: "SELECT count(*) FROM grading.grading_events
              WHERE copy_id = $id AND action = 'FINALIZE' AND metadata -> 'success' = 'true'",
    uploads: 0,
};

/// One copy of each scan.
const SPLIT: Kind = Kind {
    job: JobKind::SplitBatch,
    table: "grading.batch_pieces",
    results: "SELECT count(*) FROM grading.booklets WHERE batch_id = $id",
    uploads: 1,
};

/// An order and its end write the same table, so it cannot be barred.
const ORDERED: [Stage; 2] = [Stage::Claimed, Stage::Stored];

const ARCHIVE: Kind = Kind {
    job: JobKind::MakeArchive,
    table: "grading.archives",
    results: "SELECT count(*) FROM grading.archives WHERE id = $id AND digest IS NOT NULL",
    uploads: 0,
};

#[tokio::test]
async fn an_import_has_one_result_whenever_its_worker_is_killed() {
    let mut system = System::builder().impatient().proxy().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for (seed, stage) in (0..).zip(STAGES) {
        let key = format!("killed-{seed}");
        let upload = Upload::new(&exam, corpus::scan(PAGES, seed), &key);
        let copy = killed(&mut system, &IMPORT, stage, async || {
            teacher.upload(upload).await.expect(202).text("/copy_id")
        })
        .await;
        assert_eq!(rows(&system, "pages", &copy), i64::from(PAGES), "{stage:?}");
    }
}

#[tokio::test]
async fn a_scan_is_taken_apart_once_whenever_its_worker_is_killed() {
    let mut system = System::builder().impatient().proxy().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam_on(12, Layout::A4).await);
    for (seed, stage) in (0..).zip(STAGES) {
        let key = format!("killed-{seed}");
        let upload = Upload {
            exam: &exam,
            bytes: corpus::scan(PAGES, seed),
            filename: "lot.pdf",
            key: &key,
        };
        killed(&mut system, &SPLIT, stage, async || {
            teacher.upload_batch(upload).await.expect(202).text("/batch_id")
        })
        .await;
    }
    let copies = "SELECT count(*) FROM grading.copies WHERE page_count = 12";
    assert_eq!(system.count(copies), 4);
}

#[tokio::test]
async fn a_finalization_has_one_result_whenever_its_worker_is_killed() {
    let mut system = System::builder().impatient().proxy().start().await;
    let teacher = system.teacher().await;
    let mut pens = Vec::new();
    for _ in STAGES {
        let desk = Desk::ready(&system).await;
        pens.push(Pen::take(&teacher, &desk.copy).await);
    }
    for (pen, stage) in pens.into_iter().zip(STAGES) {
        let copy = killed(&mut system, &FINALIZE, stage, async || {
            Client::send(pen.finalize(&format!("killed-{}", pen.copy)))
                .await
                .expect(202);
            pen.copy.clone()
        })
        .await;
        assert_eq!(rows(&system, "documents", &copy), 1, "{stage:?}");
    }
}

#[tokio::test]
async fn an_archive_is_made_once_whenever_its_worker_is_killed() {
    let mut system = System::builder().impatient().proxy().start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    let mut exams = Vec::new();
    for _ in ORDERED {
        let desk = Desk::ready(&system).await;
        desk.grade(&teacher).await;
        desk.release(&admin).await;
        exams.push(desk.exam);
    }
    for (exam, stage) in exams.into_iter().zip(ORDERED) {
        let order = admin.request(Method::POST, &format!("/exams/{exam}/archive"));
        killed(&mut system, &ARCHIVE, stage, async || {
            let key = format!("killed-{exam}");
            let ordered = Client::send(order.header("Idempotency-Key", key)).await;
            ordered.expect(202).text("/archive_id")
        })
        .await;
        let file = admin.get(&format!("/exams/{exam}/archive.zip")).await.expect(200);
        assert_eq!(members(&system, &file.body).len(), 1, "{stage:?}");
    }
}

/// Has a job begin, kills its worker at a stage, and waits until everything is done. What it was about.
async fn killed(
    system: &mut System,
    kind: &Kind,
    stage: Stage,
    begin: impl AsyncFnOnce() -> String,
) -> String {
    let blobs = system.blob_names().len();
    if matches!(stage, Stage::Claimed) {
        hold_replies(system, true);
    }
    let bar = matches!(stage, Stage::Reporting | Stage::Reported).then(|| system.database.bar(kind.table));
    let thing = begin().await;
    match (stage, &bar) {
        (Stage::Stored, _) => more_blobs(system, blobs + kind.uploads).await,
        (Stage::Reporting | Stage::Reported, Some(bar)) => {
            bar.reached().await;
            // Of the report the worker hears nothing.
            hold_replies(system, true);
        }
        (Stage::Claimed | Stage::Reporting | Stage::Reported, _) => {
            last_job(system, kind.job, JobState::Running).await;
        }
    }
    let bar = bar.filter(|_| matches!(stage, Stage::Reporting));
    if matches!(stage, Stage::Reported) {
        last_job(system, kind.job, JobState::Succeeded).await;
    }
    system.workers.first_mut().unwrap().kill();
    drop(bar);
    system.proxy.as_ref().unwrap().cut();
    hold_replies(system, false);
    system.worker().restart().await;
    system.settle().await;
    let results = kind.results.replace("$id", &format!("'{thing}'"));
    assert_eq!(system.count(&results), 1, "{stage:?}");
    thing
}

fn hold_replies(system: &System, hold: bool) {
    system.proxy.as_ref().unwrap().hold_replies(hold);
}

async fn more_blobs(system: &System, than: usize) {
    eventually("results among the blobs", async || {
        match system.blob_names().len() {
            count if count > than => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

/// Waits until the last job of a kind is there.
async fn last_job(system: &System, kind: JobKind, state: JobState) {
    let last = format!(
        "SELECT count(*) FROM (SELECT state FROM grading.jobs WHERE kind = '{kind}' ORDER BY id DESC LIMIT 1) AS last WHERE state = '{state}'"
    );
    eventually("the job", async || match system.count(&last) {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
}

fn rows(system: &System, table: &str, copy: &str) -> i64 {
    system.count(&format!(
        "SELECT count(*) FROM grading.{table} WHERE copy_id = '{copy}'"
    ))
}
