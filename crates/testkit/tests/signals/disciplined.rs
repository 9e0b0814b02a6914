//! Log lines stay lines of JSON whatever is sent, and a disk without room for them is nobody else's trouble.

use std::fs;
use std::os::unix::fs::symlink;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Client, Scrape, System, corpus, eventually};

use crate::forged;

/// No line of a log is longer, whatever was sent.
const LONGEST: usize = 4096;

#[tokio::test]
async fn nothing_that_is_sent_forges_a_line_or_breaks_one() {
    let mut system = System::start().await;
    let sent = forged::send(&mut system).await;

    // Reading them has parsed every line.
    let mut lines = system.log_lines();
    for (name, output) in system.outputs() {
        let parsed = output.lines().map(|line| {
            serde_json::from_str::<Value>(line).map_err(|error| format!("{name}: {error}: {line}"))
        });
        lines.extend(parsed.collect::<Result<Vec<_>, _>>().unwrap());
    }
    assert!(lines.len() > 20, "{} lines", lines.len());
    let known: Vec<&str> = telemetry::events::all()
        .map(|event| event.code)
        .chain(["audit.recorded"])
        .collect();
    for line in &lines {
        let event = line.get("event").and_then(Value::as_str).unwrap_or_default();
        assert!(known.contains(&event), "{line}");
        let text = line.to_string();
        assert!(text.len() < LONGEST, "{line}");
        assert!(
            !text.contains("forged") && !text.contains("\\u001b") && !text.contains("xxxx"),
            "{line}"
        );
    }
    testkit::evidence(format_args!(
        "{sent} requests and messages with lines, colours and broken letters in them; {} lines, each of them JSON and one of ours",
        lines.len()
    ));
}

#[tokio::test]
async fn the_audit_log_has_a_line_for_each_event_of_the_trail() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let part = Part::bytes(corpus::scan(1, 91)).file_name("copie.pdf");
    let request = teacher
        .request(Method::POST, &format!("/exams/{exam}/copies"))
        .header("Idempotency-Key", "an-upload-for-the-trail");
    let form = Form::new().part("file", part);
    let copy = Client::send(request.multipart(form))
        .await
        .expect(202)
        .text("/copy_id");
    system.settle().await;
    teacher
        .post(&format!("/copies/{copy}/validate"), &json!({}))
        .await
        .expect(200);
    teacher
        .post(&format!("/copies/{copy}/lock"), &json!({}))
        .await
        .expect(201);
    eventually("the lines of the trail", async || {
        let recorded = system.count("SELECT count(*) FROM grading.grading_events");
        let lines = system.log_lines();
        let told = lines
            .iter()
            .filter(|line| line.get("event").is_some_and(|event| event == "audit.recorded"));
        let told = i64::try_from(told.count()).unwrap();
        if told == recorded && told >= 3 {
            Ok(())
        } else {
            Err((told, recorded))
        }
    })
    .await;
}

#[tokio::test]
async fn a_gateway_whose_log_has_no_room_answers_all_the_same_and_counts_what_is_lost() {
    let mut system = System::start().await;
    let admin = system.admin().await;
    let log = system.logs().join("gateway1/gateway.log");
    let gateway = system.gateways.first_mut().unwrap();
    gateway.kill();
    gateway.ended();
    // A disk that is always full.
    fs::remove_file(&log).unwrap();
    symlink("/dev/full", &log).unwrap();
    gateway.restart().await;

    for _ in 0..30 {
        admin.get("/exams").await.expect(200);
    }
    let dropped = async || {
        let scrape = Scrape::of(system.gateway()).await;
        scrape
            .series
            .get("grading_log_lines_dropped_total{sink=\"file\"}")
            .copied()
            .unwrap_or_default()
    };
    eventually("lost lines to be counted", async || match dropped().await {
        30.0.. => Ok(()),
        few => Err(few),
    })
    .await;
    let there = fs::symlink_metadata(&log).unwrap();
    assert!(there.is_symlink(), "the log is where it was");
}
