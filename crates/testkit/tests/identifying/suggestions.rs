//! A machine reads who wrote copies, and pupils are suggested. A person decides.

use domain::Digest;
use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus, eventually};

use crate::office::{LIST, copies, events, identify, import, pupil};

const READINGS: &str = "SELECT count(*) FROM grading.identity_readings";

/// A copy with these lines printed where pupils write who they are.
async fn printed(system: &System, exam: &str, lines: &[&str]) -> String {
    let document = corpus::header(lines);
    let teacher = system.teacher().await;
    let key = Digest::of(&document).to_string();
    let accepted = teacher.upload(Upload::new(exam, document, &key)).await;
    let copy = accepted.expect(202).text("/copy_id");
    system.settle().await;
    copy
}

fn suggestions(copy: &str) -> String {
    format!("/copies/{copy}/identity/suggestions")
}

/// Has the copy read, and what the job came to.
async fn read(system: &System, admin: &Client, copy: &str) -> Value {
    let ordered = admin.post(&suggestions(copy), &json!({})).await.expect(202);
    assert_eq!(
        ordered.header("location"),
        format!("/api/v1/jobs/{}", ordered.text("/job/id"))
    );
    system.settle().await;
    let job = format!("/jobs/{}", ordered.text("/job/id"));
    admin.get(&job).await.expect(200).json()
}

#[tokio::test]
async fn a_name_on_a_copy_is_read_and_its_pupil_suggested_first() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copy = printed(&system, &exam, &["NOM : L\u{c9}CUYER", "Pr\u{e9}nom : Zo\u{e9}"]).await;
    let other = printed(&system, &exam, &["Nom : Martin", "Paul", "1re A"]).await;
    let nothing = admin.get(&suggestions(&copy)).await.expect(200);
    assert_eq!(
        nothing.json(),
        json!({"reading_available": false, "suggestions": []})
    );

    let job = read(&system, &admin, &copy).await;
    assert_eq!(
        (&job["kind"], &job["state"]),
        (&json!("READ_IDENTITY"), &json!("SUCCEEDED"))
    );
    let suggested = admin.get(&suggestions(&copy)).await.expect(200);
    assert_eq!(suggested.header("cache-control"), "no-store");
    let zoe = pupil(&admin, "zoe").await;
    let first = suggested.json()["suggestions"][0].clone();
    let expected = json!({"id": zoe, "surname": "L\u{c9}CUYER", "given_names": "Zo\u{e9}", "class": "1re B"});
    assert_eq!(first["student"], expected);
    assert!(first["likelihood"].as_f64().unwrap() > 0.5, "{first}");

    let all = format!("/exams/{exam}/identification/suggestions");
    let queued = admin.post(&all, &json!({})).await.expect(202).json();
    assert_eq!(queued, json!({"queued": 1}));
    system.settle().await;
    assert_eq!(system.count(READINGS), 2);
    let queued = admin.post(&all, &json!({})).await.expect(202).json();
    assert_eq!(queued, json!({"queued": 0}));

    let identity = json!({"student_id": zoe, "method": "OCR_ASSISTED"});
    admin
        .post(&format!("/copies/{copy}/identity"), &identity)
        .await
        .expect(200);
    assert_eq!(
        events(&admin, &copy, "IDENTIFY").await,
        [json!({"student_id": zoe, "method": "OCR_ASSISTED", "undone": false})]
    );
    // What was read goes as soon as nobody needs it.
    assert_eq!(system.count(READINGS), 1);
    let gone = admin.get(&suggestions(&copy)).await.expect(200);
    assert_eq!(gone.json()["reading_available"], false);
    let paul = pupil(&admin, "paul").await;
    let left = admin.get(&suggestions(&other)).await.expect(200).json();
    assert_eq!(left["suggestions"][0]["student"]["id"], json!(paul));
    // Whoever is forgotten is forgotten there too, although nobody said that the copy is theirs.
    admin.delete(&format!("/students/{paul}")).await.expect(204);
    assert_eq!(system.count(READINGS), 0);
    read(&system, &admin, &other).await;
    assert_eq!(system.count(READINGS), 1);
    let discard = json!({"reason": "bad_scan"});
    admin
        .post(&format!("/copies/{other}/discard"), &discard)
        .await
        .expect(200);
    assert_eq!(system.count(READINGS), 0);
}

#[tokio::test]
async fn only_pupils_who_write_the_exam_and_have_no_copy_are_suggested() {
    let system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let new = json!({"name": "Histoire", "date": "2026-06-17", "classes": ["1re A"], "correctors": [system.teacher_id()]});
    let exam = admin.post("/exams", &new).await.expect(201).text("/id");
    let zoe = printed(&system, &exam, &["L\u{c9}CUYER Zo\u{e9}"]).await;
    let paul = printed(&system, &exam, &["MARTIN Paul"]).await;
    let again = printed(&system, &exam, &["Paul Martin"]).await;
    for copy in [&zoe, &paul, &again] {
        read(&system, &admin, copy).await;
    }
    let names = async |copy: &str| {
        let found = admin.get(&suggestions(copy)).await.expect(200).json();
        let found = found["suggestions"].as_array().unwrap().clone();
        found
            .iter()
            .map(|one| one["student"]["surname"].clone())
            .collect::<Vec<_>>()
    };
    assert!(names(&zoe).await.is_empty());
    // Two copies cannot both be his.
    let both = [names(&paul).await, names(&again).await].concat();
    assert_eq!(both, [json!("MARTIN")]);
    identify(&admin, &paul, &pupil(&admin, "paul").await)
        .await
        .expect(200);
    assert!(names(&again).await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_or_is_known_is_refused() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let [known, old] = copies(&system, &exam, 2).await.try_into().unwrap();
    let order = async |copy: &str| admin.post(&suggestions(copy), &json!({})).await;
    identify(&admin, &known, &pupil(&admin, "zoe").await)
        .await
        .expect(200);
    order(&known).await.expect_problem(409, "wrong_state");
    system.database.run(&format!(
        "UPDATE grading.pages SET identity_digest = NULL, identity_format = NULL WHERE copy_id = '{old}'"
    ));
    order(&old).await.expect_problem(409, "no_pages");
    let nobody = "0197c000-0000-7000-8000-0000000000dd";
    order(nobody).await.expect_problem(404, "not_found");
    admin
        .get(&suggestions(nobody))
        .await
        .expect_problem(404, "not_found");
    let all = format!("/exams/{exam}/identification/suggestions");
    for refused in [
        teacher.get(&suggestions(&old)).await,
        teacher.post(&suggestions(&old), &json!({})).await,
        teacher.post(&all, &json!({})).await,
    ] {
        refused.expect_problem(403, "forbidden");
    }
    system.database.run(&format!(
        "UPDATE grading.exams SET released_at = now() WHERE id = '{exam}'"
    ));
    admin
        .post(&all, &json!({}))
        .await
        .expect_problem(409, "wrong_state");
    assert_eq!(
        system.count("SELECT count(*) FROM grading.jobs WHERE kind = 'READ_IDENTITY'"),
        0
    );
}

#[tokio::test]
async fn without_tesseract_the_job_says_so_and_the_desk_goes_on() {
    let system = System::builder()
        .setting("KORRIGO_TESSERACT", "/nowhere/tesseract")
        .start()
        .await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copy = printed(&system, &exam, &["MARTIN Paul"]).await;
    let job = read(&system, &admin, &copy).await;
    assert_eq!(
        (&job["state"], &job["error_code"], &job["attempt"]),
        (&json!("FAILED"), &json!("ocr_unavailable"), &json!(1))
    );
    let id = job["id"].as_str().unwrap();
    let judged = testkit::text(&system.operate(&["diagnose", "job", id]));
    assert!(judged.starts_with("verdict  read_failed"), "{judged}");
    let said = system.log_lines();
    let unavailable = said.iter().filter(|line| line["event"] == "reader.unavailable");
    assert_eq!(unavailable.count(), 1);
    let worker = system
        .services()
        .find(|service| service.name() == "pdf-worker")
        .unwrap();
    let labels = "error_type=\"ocr_unavailable\"";
    // It counts when it has reported.
    eventually("the failure to be counted", async || {
        let counted = worker.metric("grading_ocr_errors_total", labels).await;
        if (counted - 1.0).abs() < f64::EPSILON {
            Ok(())
        } else {
            Err(counted)
        }
    })
    .await;
    let nothing = admin.get(&suggestions(&copy)).await.expect(200);
    assert_eq!(nothing.json()["reading_available"], false);
    identify(&admin, &copy, &pupil(&admin, "paul").await)
        .await
        .expect(200);
}

#[tokio::test]
async fn who_asks_at_once_gets_one_job_and_what_is_known_meanwhile_is_not_read() {
    let mut system = System::start().await;
    let admin = system.admin().await;
    import(&admin, LIST).await.expect(200);
    let exam = system.exam().await;
    let copy = printed(&system, &exam, &["MARTIN Paul"]).await;
    system.worker().signal(Signal::STOP);
    let path = suggestions(&copy);
    let all = format!("/exams/{exam}/identification/suggestions");
    let (asked, nothing) = (json!({}), json!({}));
    let one = (0..4).map(|_| admin.post(&path, &asked));
    let many = (0..4).map(|_| admin.post(&all, &nothing));
    let (one, many) = tokio::join!(futures::future::join_all(one), futures::future::join_all(many));
    let mut jobs: Vec<String> = one
        .into_iter()
        .map(|answer| answer.expect(202).text("/job/id"))
        .collect();
    jobs.dedup();
    assert_eq!(jobs.len(), 1);
    for answer in many {
        answer.expect(202);
    }
    assert_eq!(
        system.count("SELECT count(*) FROM grading.jobs WHERE kind = 'READ_IDENTITY'"),
        1
    );

    identify(&admin, &copy, &pupil(&admin, "paul").await)
        .await
        .expect(200);
    system.worker().signal(Signal::CONT);
    system.settle().await;
    let job = admin.get(&format!("/jobs/{}", jobs[0])).await.expect(200);
    assert_eq!(job.text("/state"), "CANCELLED");
    assert_eq!(system.count(READINGS), 0);
}
