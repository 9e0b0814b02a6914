//! Log lines stay lines of JSON whatever is sent, and a disk without room for them is nobody else's trouble.

use std::fs;
use std::os::unix::fs::symlink;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{Client, Scrape, System, corpus, eventually};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A new line, a colour for terminals, and what would be an event of ours if it were not quoted.
const FORGED: &str =
    "\n{\"level\":\"CRITICAL\",\"event\":\"forged\"}\r\n\u{1b}[31m\"}{\"event\":\"forged\"}\u{0}\u{2028}";

/// What a header can carry of it.
const IN_HEADERS: &str = "\"}{\"level\":\"CRITICAL\",\"event\":\"forged\"}\t%0a\\n";

async fn send_everywhere(client: &Client, exam: &str) {
    let huge = "x".repeat(16 * 1024);
    let bodies = [
        (
            Method::POST,
            "/session",
            json!({"login": FORGED, "password": FORGED}),
        ),
        (
            Method::POST,
            "/exams",
            json!({"name": FORGED, "date": "2026-06-15", "correctors": [FORGED]}),
        ),
        (
            Method::POST,
            "/users",
            json!({"login": FORGED, "display_name": FORGED, "role": FORGED}),
        ),
        (
            Method::POST,
            "/session/invitation",
            json!({"token": FORGED, "password": FORGED}),
        ),
    ];
    for (method, path, body) in bodies {
        let request = client
            .request(method, path)
            .header("X-Request-ID", IN_HEADERS)
            .header("User-Agent", &huge)
            .header("Idempotency-Key", IN_HEADERS)
            .header("traceparent", IN_HEADERS)
            .header("Accept-Language", IN_HEADERS);
        Client::send(request.json(&body)).await;
    }
    for path in [
        "/copies?status=%0A%1B%5B31m%22%7D%7B%22event%22%3A%22forged%22%7D",
        "/%0A%7B%22event%22%3A%22forged%22%7D",
    ] {
        let request = client.request(Method::GET, path).header("Referer", IN_HEADERS);
        Client::send(request.header("X-Lock-Token", IN_HEADERS)).await;
    }
    let part = Part::bytes(corpus::scan(1, 90)).file_name(FORGED);
    let request = client
        .request(Method::POST, &format!("/exams/{exam}/copies"))
        .header("Idempotency-Key", "an-upload-with-a-name");
    Client::send(request.multipart(Form::new().part("file", part))).await;
}

/// What no client library would send.
async fn send_raw(system: &System) {
    let heads = [
        "GET /api/health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\u{1b}[31m{\"event\":\"forged\"}\r\n\r\n"
            .to_owned(),
        "GET /\u{1b}[31m{\"event\":\"forged\"} HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "{\"event\":\"forged\"}\n{\"event\":\"forged\"}\n\n".to_owned(),
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n",
            "forged=".repeat(100_000)
        ),
    ];
    for head in heads {
        let mut connection = TcpStream::connect(system.gateway().socket()).await.unwrap();
        // It may hang up before it has heard everything.
        let _sent = connection.write_all(head.as_bytes()).await;
        let mut answer = Vec::new();
        let _read = tokio::time::timeout(
            std::time::Duration::from_secs(1),
            connection.read_to_end(&mut answer),
        )
        .await;
    }
}

#[tokio::test]
async fn nothing_that_is_sent_forges_a_line_or_breaks_one() {
    let system = System::start().await;
    let (admin, exam) = (system.admin().await, system.exam().await);
    send_everywhere(&admin, &exam).await;
    send_raw(&system).await;
    system.settle().await;

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
        assert!(
            !text.contains("forged") && !text.contains("\\u001b") && !text.contains("xxxx"),
            "{line}"
        );
    }
    testkit::evidence(format_args!(
        "{} lines, each of them JSON and one of ours",
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
