//! The way of one copy from upload to pages, over all three services.

#![expect(
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus};

#[tokio::test]
async fn an_uploaded_scan_becomes_pages_with_images_and_can_be_validated() {
    let system = System::start().await;
    let (admin, exam) = (system.admin().await, system.exam().await);
    let teacher = system.teacher().await;

    let scan = corpus::scan(10, 1);
    let upload = Upload {
        exam: &exam,
        bytes: scan,
        filename: "DUPONT Marie.pdf",
        key: "first-upload",
    };
    let accepted = teacher.upload(upload).await.expect(202);
    let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
    assert_eq!(accepted.header("location"), format!("/api/v1/jobs/{job}"));
    system.settle().await;

    let job = teacher.get(&format!("/jobs/{job}")).await.expect(200);
    assert_eq!(job.text("/state"), "SUCCEEDED");
    assert_eq!(
        job.json().pointer("/progress"),
        Some(&json!({"done": 10, "total": 10}))
    );

    let found = teacher.get(&format!("/copies/{copy}")).await.expect(200);
    assert_eq!(found.text("/status"), "STAGING");
    let pages = found
        .json()
        .pointer("/pages")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    assert_eq!(pages.len(), 10);
    let first = pages.first().cloned().unwrap_or_default();
    let points = |side: &str| first.get(side).and_then(Value::as_f64).unwrap_or_default();
    assert!(
        (points("width") - 595.0).abs() < 1.0 && (points("height") - 842.0).abs() < 1.0,
        "{first}"
    );

    images(&teacher, &copy).await;
    validation(&admin, &teacher, &copy).await;
}

/// Both images of the first page, the second time without their bytes; and no eleventh page.
async fn images(teacher: &Client, copy: &str) {
    for size in ["display", "thumb"] {
        let image = teacher
            .get(&format!("/copies/{copy}/pages/0?size={size}"))
            .await
            .expect(200);
        assert!(image.header("content-type").starts_with("image/"));
        let seen = image.header("etag").to_owned();
        let request = teacher.request(Method::GET, &format!("/copies/{copy}/pages/0?size={size}"));
        let again = Client::send(request.header("If-None-Match", seen)).await;
        assert!(again.expect(304).body.is_empty());
        assert!(image.body.len() > 1_000, "{size}");
    }
    teacher
        .get(&format!("/copies/{copy}/pages/10"))
        .await
        .expect_problem(404, "not_found");
}

/// Once, and with the events that it leaves.
async fn validation(admin: &Client, teacher: &Client, copy: &str) {
    let validated = teacher
        .post(&format!("/copies/{copy}/validate"), &json!({}))
        .await
        .expect(200);
    assert_eq!(validated.text("/status"), "READY");
    teacher
        .post(&format!("/copies/{copy}/validate"), &json!({}))
        .await
        .expect_problem(409, "wrong_state");

    let events = admin
        .get(&format!("/copies/{copy}/events"))
        .await
        .expect(200)
        .json();
    let actions: Vec<_> = items(&events)
        .iter()
        .map(|event| text(event, "/action"))
        .collect();
    assert_eq!(actions, ["IMPORT", "VALIDATE"]);
    let import = items(&events).first().cloned().unwrap_or_default();
    assert_eq!(text(&import, "/metadata/filename"), format!("{copy}.pdf"));
    assert_eq!(import.pointer("/metadata/pages"), Some(&json!(10)));
}

#[tokio::test]
async fn progress_is_streamed_until_the_job_has_ended() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload {
        exam: &exam,
        bytes: corpus::scan(3, 2),
        filename: "scan.pdf",
        key: "streamed-upload",
    };
    let job = teacher.upload(upload).await.expect(202).text("/job/id");

    // The answer ends when the job has ended, so the whole body can be waited for.
    let stream = teacher.get(&format!("/jobs/{job}/events")).await.expect(200);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let text = String::from_utf8_lossy(&stream.body).into_owned();
    let states: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .filter_map(|data| serde_json::from_str::<Value>(data).ok())
        .map(|job| self::text(&job, "/state"))
        .collect();
    assert_eq!(states.last().map(String::as_str), Some("SUCCEEDED"), "{text}");

    let last = text
        .lines()
        .filter_map(|line| line.strip_prefix("id:"))
        .next_back()
        .unwrap_or_default();
    let resumed = teacher
        .request(Method::GET, &format!("/jobs/{job}/events"))
        .header("Last-Event-ID", last.trim());
    // This is how a browser is told not to come back.
    Client::send(resumed).await.expect(204);
}

#[tokio::test]
async fn lists_are_cut_into_pages_that_stay_stable() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for number in 0..3 {
        let key = format!("listed-upload-{number}");
        let upload = Upload {
            exam: &exam,
            bytes: corpus::scan(1, 10 + number),
            filename: "scan.pdf",
            key: &key,
        };
        teacher.upload(upload).await.expect(202);
    }
    system.settle().await;

    let first = teacher
        .get(&format!("/copies?exam_id={exam}&limit=2"))
        .await
        .expect(200)
        .json();
    assert_eq!(items(&first).len(), 2);
    let cursor = text(&first, "/next_cursor");
    let second = teacher
        .get(&format!("/copies?exam_id={exam}&limit=2&cursor={cursor}"))
        .await
        .expect(200)
        .json();
    assert_eq!(items(&second).len(), 1);
    assert_eq!(second.pointer("/next_cursor"), Some(&Value::Null));
    let staging = teacher.get("/copies?status=STAGING").await.expect(200).json();
    assert_eq!(items(&staging).len(), 3);
    teacher
        .get("/copies?status=NOWHERE")
        .await
        .expect_problem(422, "invalid");
}

#[tokio::test]
async fn a_teacher_of_other_exams_finds_nothing() {
    let system = System::start().await;
    let (teacher, stranger, exam) = (
        system.teacher().await,
        system.stranger().await,
        system.exam().await,
    );
    let upload = Upload {
        exam: &exam,
        bytes: corpus::scan(1, 20),
        filename: "scan.pdf",
        key: "hidden-upload",
    };
    let accepted = teacher.upload(upload).await.expect(202);
    let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
    system.settle().await;

    for path in [
        format!("/exams/{exam}"),
        format!("/copies/{copy}"),
        format!("/copies/{copy}/pages/0"),
        format!("/copies/{copy}/events"),
        format!("/jobs/{job}"),
        format!("/jobs/{job}/events"),
    ] {
        stranger.get(&path).await.expect_problem(404, "not_found");
    }
    stranger
        .post(&format!("/copies/{copy}/validate"), &json!({}))
        .await
        .expect_problem(404, "not_found");
    assert!(items(&stranger.get("/copies").await.expect(200).json()).is_empty());
    assert!(items(&stranger.get("/exams").await.expect(200).json()).is_empty());
    let exam = json!({"name": "Mathématiques", "date": "2026-06-16"});
    stranger
        .post("/exams", &exam)
        .await
        .expect_problem(403, "forbidden");
    system
        .client()
        .get("/exams")
        .await
        .expect_problem(401, "unauthenticated");
}

fn items(list: &Value) -> Vec<Value> {
    list.pointer("/items")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
