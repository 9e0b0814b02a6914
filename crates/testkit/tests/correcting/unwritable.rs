//! Copies of the record that cannot be written hold up nobody who corrects.

use std::fs;
use std::os::unix::fs::symlink;

use testkit::{Client, Scrape, System, eventually};

use crate::desk::{Desk, Pen, comment};

/// How often somebody writes.
const WRITES: u32 = 20;

#[tokio::test]
async fn an_audit_log_without_room_and_a_collector_that_is_away_are_counted_and_the_record_is_whole() {
    let mut system = System::builder()
        .setting("KORRIGO_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .start()
        .await;
    system.grading.kill();
    system.grading.ended();
    for log in ["grading/audit.log", "grading/grading.log"] {
        let log = system.logs().join(log);
        drop(fs::remove_file(&log));
        // A disk that is always full.
        symlink("/dev/full", &log).unwrap();
    }
    system.grading.restart().await;

    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    for number in 0..WRITES {
        let key = format!("unwritable-{number}");
        Client::send(pen.annotate(&key, &comment("Bien")))
            .await
            .expect(201);
    }
    assert_eq!(desk.times("CREATE_ANN").await, usize::try_from(WRITES).unwrap());
    let lost = async |series: &str| {
        let scrape = Scrape::of(&system.grading).await;
        scrape.series.get(series).copied().unwrap_or_default()
    };
    for (series, least) in [
        (
            "grading_log_lines_dropped_total{sink=\"audit\"}",
            f64::from(WRITES),
        ),
        ("grading_log_lines_dropped_total{sink=\"file\"}", 1.0),
        ("telemetry_spans_exported_total{result=\"failed\"}", 1.0),
    ] {
        eventually(series, async || match lost(series).await {
            enough if enough >= least => Ok(()),
            few => Err(few),
        })
        .await;
    }
    testkit::evidence(format_args!(
        "{WRITES} annotations were answered well and are in the trail; lines and spans that were lost are counted"
    ));
}
