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
async fn what_a_worker_reports_while_no_event_can_be_written_changes_nothing_and_is_done_later() {
    let system = System::builder().proxy().start().await;
    let teacher = system.teacher().await;
    let fine = Desk::ready(&system).await;
    let failing = Desk::ready_with(&system, None, corpus::text(3)).await;
    let proxy = system.proxy.as_ref().unwrap();
    // The worker hears of its jobs, and the grading service does not hear of the worker.
    proxy.pause(true);
    for desk in [&fine, &failing] {
        let pen = Pen::take(&teacher, &desk.copy).await;
        let key = format!("finalize-{}", desk.copy);
        Client::send(pen.finalize(&key)).await.expect(202);
    }
    let imported = upload(&fine, &teacher).await;
    let source = system.blob(&failing.source()).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();

    forbid_events(&system);
    let before = stored(&system);
    proxy.pause(false);
    for report in ["CompleteImport", "CompleteFinalize", "Fail"] {
        in_vain(&system, report, 2).await;
    }
    assert_eq!(stored(&system), before);

    fs::rename(&away, &source).unwrap();
    allow_events(&system);
    system.settle().await;
    let copy = teacher.get(&format!("/copies/{imported}")).await.expect(200);
    assert_eq!(copy.json().pointer("/page_count"), Some(&json!(4)));
    for (desk, attempts) in [(&fine, 1), (&failing, 2)] {
        assert_eq!(text(&desk.seen_by(&teacher).await, "/status"), "GRADED");
        assert_eq!(desk.times("FINALIZE").await, attempts);
        assert_eq!(desk.rows("documents"), 1);
    }
}

/// A copy of four pages.
async fn upload(desk: &Desk<'_>, teacher: &Client) -> String {
    let upload = Upload {
        exam: &desk.exam,
        bytes: corpus::text(4),
        filename: "copie.pdf",
        key: "an-import-in-vain",
    };
    teacher.upload(upload).await.expect(202).text("/copy_id")
}

fn stored(system: &System) -> Vec<i64> {
    let tables = TABLES.iter().map(|table| content(system, table));
    tables.chain([system.count(ENDED)]).collect()
}

/// Waits until this report could not be recorded so many times.
async fn in_vain(system: &System, report: &str, times: usize) {
    let name = format!("korrigo.grading.v1.Work/{report}");
    eventually(&format!("{report} in vain"), async || {
        let lines = system.log_lines();
        let failed = lines.iter().filter(|line| text(line, "/event") == "rpc.failed");
        match failed.filter(|line| text(line, "/rpc") == name).count() {
            seen if seen >= times => Ok(()),
            seen => Err(seen),
        }
    })
    .await;
}
