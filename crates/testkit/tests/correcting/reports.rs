//! No event, no change: a worker whose report cannot be recorded goes on reporting until it can.

use std::fs;

use serde_json::json;
use testkit::{Client, System, Upload, corpus, eventually};

use crate::desk::{Desk, Pen, text};
use crate::trail::{allow_events, content, forbid_events};

/// What reports change beside the jobs themselves, whose leases go on.
const TABLES: &[&str] = &["copies", "pages", "documents", "grading_events"];

const ENDED: &str =
    "SELECT count(*) FROM grading.jobs WHERE state IN ('SUCCEEDED', 'FAILED') OR failure IS NOT NULL";

#[tokio::test]
async fn results_that_cannot_be_recorded_change_nothing_and_are_reported_again_until_they_can() {
    let system = System::builder().proxy().start().await;
    let (teacher, desk) = (system.teacher().await, Desk::ready(&system).await);
    hear_the_worker(&system, false);
    finalize(&desk, &teacher).await;
    let imported = upload(&desk, &teacher).await;
    forbid_events(&system);
    let before = stored(&system);
    hear_the_worker(&system, true);
    for report in ["CompleteImport", "CompleteFinalize"] {
        in_vain(&system, report).await;
    }
    assert_eq!(stored(&system), before);

    allow_events(&system);
    system.settle().await;
    let copy = teacher.get(&format!("/copies/{imported}")).await.expect(200);
    assert_eq!(copy.json().pointer("/page_count"), Some(&json!(4)));
    graded(&desk, &teacher, 1).await;
}

#[tokio::test]
async fn a_failure_that_cannot_be_recorded_changes_nothing_and_is_reported_again_until_it_can() {
    let system = System::builder().proxy().start().await;
    let (teacher, desk) = (system.teacher().await, Desk::ready(&system).await);
    hear_the_worker(&system, false);
    finalize(&desk, &teacher).await;
    let source = system.blob(&desk.source()).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();
    forbid_events(&system);
    let before = stored(&system);
    hear_the_worker(&system, true);
    in_vain(&system, "Fail").await;
    assert_eq!(stored(&system), before);

    fs::rename(&away, &source).unwrap();
    allow_events(&system);
    system.settle().await;
    graded(&desk, &teacher, 2).await;
}

/// Whether the grading service hears of the worker, which always hears of its jobs.
fn hear_the_worker(system: &System, hear: bool) {
    system.proxy.as_ref().unwrap().pause(!hear);
}

async fn finalize(desk: &Desk<'_>, teacher: &Client) {
    let pen = Pen::take(teacher, &desk.copy).await;
    Client::send(pen.finalize("a-finalize-in-vain")).await.expect(202);
}

/// The copy has one document, after so many attempts.
async fn graded(desk: &Desk<'_>, teacher: &Client, attempts: usize) {
    assert_eq!(text(&desk.seen_by(teacher).await, "/status"), "GRADED");
    assert_eq!(desk.times("FINALIZE").await, attempts);
    assert_eq!(desk.rows("documents"), 1);
}

/// A copy of four pages.
async fn upload(desk: &Desk<'_>, teacher: &Client) -> String {
    let upload = Upload::new(&desk.exam, corpus::text(4), "an-import-in-vain");
    teacher.upload(upload).await.expect(202).text("/copy_id")
}

fn stored(system: &System) -> Vec<i64> {
    let tables = TABLES.iter().map(|table| content(system, table));
    tables.chain([system.count(ENDED)]).collect()
}

/// Waits until this report could not be recorded, twice.
async fn in_vain(system: &System, report: &str) {
    let name = format!("korrigo.grading.v1.Work/{report}");
    eventually(&format!("{report} in vain"), async || {
        let lines = system.log_lines();
        let failed = lines.iter().filter(|line| text(line, "/event") == "rpc.failed");
        match failed.filter(|line| text(line, "/rpc") == name).count() {
            seen if seen >= 2 => Ok(()),
            seen => Err(seen),
        }
    })
    .await;
}
