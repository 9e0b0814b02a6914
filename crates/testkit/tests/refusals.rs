//! Uploads that are refused, repeated or broken: each its code, and nothing half done.

#![expect(
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use testkit::{Client, System, Upload, corpus, eventually};

#[tokio::test]
async fn refused_uploads_leave_no_copy_and_no_blob() {
    let system = System::builder().sweeping().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = |bytes: Vec<u8>, key: &'static str| {
        let exam = &exam;
        let teacher = &teacher;
        async move { teacher.upload(Upload::new(exam, bytes, key)).await }
    };
    upload(Vec::new(), "an-empty-file")
        .await
        .expect_problem(422, "empty_file");
    upload(b"Bonjour, ceci est un texte.".to_vec(), "a-text-file")
        .await
        .expect_problem(415, "not_a_pdf");
    upload(too_large(), "a-large-file")
        .await
        .expect_problem(413, "too_large");

    let path = format!("/exams/{exam}/copies");
    let without_file = Form::new().part("other", Part::bytes(corpus::scan(1, 30)).file_name("copie.pdf"));
    let request = teacher
        .request(Method::POST, &path)
        .header("Idempotency-Key", "a-missing-part");
    let answer = Client::send(request.multipart(without_file))
        .await
        .expect_problem(422, "invalid");
    assert_eq!(answer.text("/errors/0/pointer"), "/file");

    let form = Form::new().part("file", Part::bytes(corpus::scan(1, 30)).file_name("copie.pdf"));
    let answer = Client::send(teacher.request(Method::POST, &path).multipart(form)).await;
    answer.expect_problem(400, "missing_idempotency_key");

    let unknown = "01890000-0000-7000-8000-000000000000";
    let upload = Upload::new(unknown, corpus::scan(1, 30), "an-unknown-exam");
    teacher.upload(upload).await.expect_problem(404, "not_found");

    assert_eq!(system.count("SELECT count(*) AS count FROM grading.copies"), 0);
    eventually("the blobs to be swept", async || match system.blob_files() {
        left if left.is_empty() => Ok(()),
        left => Err(left),
    })
    .await;
}

/// One byte more than a document may have, beginning like one.
fn too_large() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(101 * 1024 * 1024, b' ');
    bytes
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_another_key_a_conflict() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = |seed, key| Upload::new(&exam, corpus::scan(1, seed), key);

    let first = teacher.upload(upload(40, "the-same-key")).await.expect(202);
    let second = teacher.upload(upload(40, "the-same-key")).await.expect(202);
    assert_eq!(first.body, second.body);
    system.settle().await;
    let third = teacher.upload(upload(40, "the-same-key")).await.expect(202);
    assert_eq!(first.body, third.body);

    teacher
        .upload(upload(40, "another-key"))
        .await
        .expect_problem(409, "duplicate_source");
    teacher
        .upload(upload(41, "the-same-key"))
        .await
        .expect_problem(422, "idempotency_mismatch");
    assert_eq!(system.count("SELECT count(*) AS count FROM grading.copies"), 1);
    system.settle().await;
}

#[tokio::test]
async fn the_same_upload_ten_times_at_once_makes_one_copy() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let uploads = (0..10).map(|_| teacher.upload(Upload::new(&exam, corpus::scan(1, 50), "ten-at-once")));
    let answers = futures::future::join_all(uploads).await;
    let bodies: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(202).body)
        .collect();
    assert!(bodies.windows(2).all(|pair| pair.first() == pair.last()));
    system.settle().await;
    assert_eq!(system.count("SELECT count(*) AS count FROM grading.copies"), 1);
}

#[tokio::test]
async fn a_broken_document_fails_its_job_and_creates_nothing_else() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for (bytes, key, code) in [
        (corpus::truncated(), "a-truncated-file", "invalid_pdf"),
        (corpus::user_encrypted(), "an-encrypted-file", "encrypted_pdf"),
        (corpus::zero_pages(), "a-file-without-pages", "empty_result"),
        (corpus::gigantic_page(), "a-gigantic-page", "page_too_large"),
    ] {
        let accepted = teacher.upload(Upload::new(&exam, bytes, key)).await.expect(202);
        system.settle().await;
        let job = teacher
            .get(&format!("/jobs/{}", accepted.text("/job/id")))
            .await
            .expect(200);
        assert_eq!(
            (job.text("/state").as_str(), job.text("/error_code").as_str()),
            ("FAILED", code),
            "{key}"
        );
        let copy = teacher
            .get(&format!("/copies/{}", accepted.text("/copy_id")))
            .await
            .expect(200);
        assert_eq!(
            (copy.text("/status").as_str(), copy.text("/error_code").as_str()),
            ("STAGING", code),
            "{key}"
        );
        let path = format!("/copies/{}/validate", accepted.text("/copy_id"));
        teacher
            .post(&path, &serde_json::json!({}))
            .await
            .expect_problem(409, "no_pages");
    }
    assert_eq!(system.count("SELECT count(*) AS count FROM grading.pages"), 0);
    eventually("the sources and nothing else", async || {
        match system.blob_files() {
            four if four.len() == 4 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    let failed = "SELECT count(*) AS count FROM grading.grading_events
                  WHERE action = 'IMPORT' AND metadata->>'success' = 'false'";
    assert_eq!(system.count(failed), 4);
}

#[tokio::test]
async fn problems_speak_french_when_asked_to() {
    let system = System::start().await;
    let request = system
        .client()
        .request(Method::GET, "/exams")
        .header("Accept-Language", "fr-FR, en;q=0.5");
    let answer = Client::send(request).await.expect_problem(401, "unauthenticated");
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED.as_u16());
    assert!(
        answer.text("/detail").starts_with("Connectez-vous"),
        "{}",
        answer.text("/detail")
    );
}
