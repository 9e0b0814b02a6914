//! Scans of many copies, over all three services: every page ends in exactly one copy, whatever dies meanwhile.

#![expect(
    clippy::indexing_slicing,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use domain::Layout;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, System, Upload, corpus, eventually, text};

/// Pages enough that taking them apart takes a while.
const MANY: u32 = 24;

async fn upload(client: &Client, exam: &str, bytes: Vec<u8>, key: &str) -> Answer {
    let upload = Upload {
        exam,
        bytes,
        filename: "3e B, DUPONT a MARTIN.pdf",
        key,
    };
    client.upload_batch(upload).await
}

async fn batch(client: &Client, accepted: &Answer) -> Value {
    let id = accepted.text("/batch_id");
    client.get(&format!("/batches/{id}")).await.expect(200).json()
}

fn copies(batch: &Value) -> Vec<String> {
    let copies = batch["copies"].as_array().unwrap().iter();
    copies
        .map(|copy| copy["copy_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The numbers that the corpus wrote on the pages of a copy, as shades of grey.
async fn numbers(client: &Client, copy: &str) -> Vec<u8> {
    let copy = client.get(&format!("/copies/{copy}")).await.expect(200);
    assert_eq!(copy.text("/status"), "STAGING");
    let mut numbers = Vec::new();
    for index in 0..copy.json()["pages"].as_array().unwrap().len() {
        let path = format!("/copies/{}/pages/{index}", copy.text("/id"));
        let image = image::load_from_memory(&client.get(&path).await.expect(200).body).unwrap();
        let image = image.into_luma8();
        assert!(image.height() > image.width());
        numbers.push(image.get_pixel(image.width() / 2, image.height() / 2).0[0] / 10);
    }
    numbers
}

#[tokio::test]
async fn each_copy_of_a_folded_scan_appears_with_its_pages_in_the_order_of_reading() {
    let system = System::start().await;
    let teacher = system.teacher().await;
    let exam = system.exam_on(4, Layout::A3Folded).await;
    let scan = corpus::numbered(&[&[4, 1], &[2, 3], &[8, 5], &[6, 7], &[10, 9]]);
    let accepted = upload(&teacher, &exam, scan.clone(), "folded").await.expect(202);
    system.settle().await;

    let job = teacher.get(&format!("/jobs/{}", accepted.text("/job/id"))).await;
    let job = job.expect(200).json();
    assert_eq!(
        (&job["state"], &job["progress"], &job["batch_id"], &job["copy_id"]),
        (
            &json!("SUCCEEDED"),
            &json!({"done": 5, "total": 5}),
            &json!(accepted.text("/batch_id")),
            &Value::Null
        )
    );
    let batch = batch(&teacher, &accepted).await;
    assert_eq!(
        (&batch["status"], &batch["page_count"]),
        (&json!("SPLIT"), &json!(5))
    );
    let mut seen = Vec::new();
    for copy in copies(&batch) {
        seen.push(numbers(&teacher, &copy).await);
    }
    assert_eq!(seen, [vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![9, 10]]);
    // What does not come out even is told, and never guessed at.
    assert_eq!(
        batch["anomalies"],
        json!([{"kind": "incomplete", "page": 4}, {"kind": "no_back", "page": 4}])
    );
    let listed = teacher
        .get(&format!("/exams/{exam}/batches"))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let again = upload(&teacher, &exam, scan.clone(), "folded").await.expect(202);
    assert_eq!(again.body, accepted.body);
    upload(&teacher, &exam, scan, "folded-again")
        .await
        .expect_problem(409, "duplicate_source");
}

#[tokio::test]
async fn a_scan_that_was_taken_apart_in_the_wrong_way_is_put_aside() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam_on(1, Layout::A4).await;
    let scan = corpus::numbered(&[&[1], &[2], &[3], &[4]]);
    let wrong = upload(&teacher, &exam, scan.clone(), "one-page-each")
        .await
        .expect(202);
    system.settle().await;
    let before = copies(&batch(&teacher, &wrong).await);
    assert_eq!(before.len(), 4);
    let validated = before.first().unwrap();
    let path = format!("/copies/{validated}/validate");
    teacher.post(&path, &json!({})).await.expect(200);

    let path = format!("/batches/{}/discard", wrong.text("/batch_id"));
    let reason = json!({"reason": "other"});
    teacher
        .post(&path, &reason)
        .await
        .expect_problem(403, "forbidden");
    let discarded = admin.post(&path, &reason).await.expect(200).json();
    assert_eq!(
        discarded,
        json!({"discarded": 3, "refused": [{"copy_id": validated, "code": "wrong_state"}]})
    );
    // One of its copies is still there.
    upload(&teacher, &exam, scan.clone(), "too-early")
        .await
        .expect_problem(409, "duplicate_source");
    let listed = teacher
        .get(&format!("/copies?exam_id={exam}"))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_scan_comes_again_when_the_exam_says_otherwise_and_only_once_at_a_time() {
    let system = System::start().await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let exam = system.exam_on(1, Layout::A4).await;
    let scan = corpus::numbered(&[&[1], &[2], &[3], &[4]]);
    let (one, other) = tokio::join!(
        upload(&teacher, &exam, scan.clone(), "one"),
        upload(&teacher, &exam, scan.clone(), "other")
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    let wrong = if one.status == 202 { one } else { other };
    system.settle().await;
    let path = format!("/batches/{}/discard", wrong.text("/batch_id"));
    let discarded = admin
        .post(&path, &json!({"reason": "other"}))
        .await
        .expect(200)
        .json();
    assert_eq!(discarded, json!({"discarded": 4, "refused": []}));
    let before = batch(&teacher, &wrong).await;
    let aside = before["copies"].as_array().unwrap().iter();
    assert!(aside.clone().count() == 4 && aside.clone().all(|copy| copy["discarded"] == true));

    let change = admin.request(Method::PATCH, &format!("/exams/{exam}"));
    let change = change
        .header("If-Match", "\"1\"")
        .json(&json!({"pages_per_copy": 2}));
    Client::send(change).await.expect(200);
    let right = upload(&teacher, &exam, scan, "two-pages-each").await.expect(202);
    system.settle().await;
    let mut seen = Vec::new();
    for copy in copies(&batch(&teacher, &right).await) {
        seen.push(numbers(&teacher, &copy).await);
    }
    assert_eq!(seen, [vec![1, 2], vec![3, 4]]);
}

#[tokio::test]
async fn what_cannot_be_taken_apart_says_why_and_makes_no_copy() {
    let system = System::start().await;
    let teacher = system.teacher().await;
    let unknown = system.exam().await;
    let refused = upload(&teacher, &unknown, corpus::text(2), "no-number-of-pages").await;
    let refused = refused.expect_problem(422, "invalid").json();
    assert_eq!(
        refused["errors"],
        json!([{"pointer": "/pages_per_copy", "code": "required"}])
    );
    let cut_apart = system.exam_on(3, Layout::A3).await;
    let refused = upload(
        &teacher,
        &cut_apart,
        corpus::text(2),
        "three-pages-on-sheets-of-two",
    )
    .await;
    let refused = refused.expect_problem(422, "invalid").json();
    assert_eq!(
        refused["errors"],
        json!([{"pointer": "/pages_per_copy", "code": "out_of_range"}])
    );
    let exam = system.exam_on(2, Layout::A4).await;
    let locked = upload(&teacher, &exam, corpus::user_encrypted(), "locked")
        .await
        .expect(202);
    system.settle().await;
    let batch = batch(&teacher, &locked).await;
    assert_eq!(
        (&batch["status"], &batch["error_code"], &batch["copies"]),
        (&json!("FAILED"), &json!("encrypted_pdf"), &json!([]))
    );
    let copies = teacher
        .get(&format!("/copies?exam_id={exam}"))
        .await
        .expect(200)
        .json();
    assert_eq!(copies["items"], json!([]));
    let job = locked.text("/job/id");
    let judged = text(&system.operate(&["diagnose", "job", &job]));
    assert!(judged.starts_with("verdict  split_failed"), "{judged}");
    put_aside(&system, batch["id"].as_str().unwrap());
}

/// An operator finds a scan that could not be taken apart, and says that it was looked at.
fn put_aside(system: &System, batch: &str) {
    let said = |words: &[&str]| {
        let output = system.operate(words);
        (output.status.code(), text(&output))
    };
    let (_, found) = said(&["status"]);
    assert!(found.contains("finding   splits_failed"), "{found}");
    let (code, listed) = said(&["batches", "list"]);
    assert!(
        code == Some(0) && listed.contains(batch) && listed.contains("encrypted_pdf"),
        "{listed}"
    );
    let operator = ["--reason", "bad_scan", "--operator", system.admin_login()];
    let (_, discarded) = said(&[&["batches", "discard", batch][..], &operator].concat());
    assert!(discarded.contains("is put aside"), "{discarded}");
    let (code, listed) = said(&["batches", "list"]);
    assert!(code == Some(0) && !listed.contains(batch), "{listed}");
    let (_, found) = said(&["status"]);
    assert!(found.lines().any(|line| line.starts_with("verdict ")), "{found}");
    assert!(!found.contains("splits_failed"), "{found}");
}

#[tokio::test]
async fn a_worker_that_is_killed_in_the_middle_leaves_one_set_of_copies() {
    let mut system = System::builder().impatient().start().await;
    let teacher = system.teacher().await;
    let exam = system.exam_on(2, Layout::A4).await;
    let accepted = upload(&teacher, &exam, corpus::scan(MANY, 70), "killed")
        .await
        .expect(202);
    let job = format!("/jobs/{}", accepted.text("/job/id"));
    eventually("the job to run", async || {
        match teacher.get(&job).await.expect(200).text("/state").as_str() {
            "QUEUED" => Err("not yet"),
            _ => Ok(()),
        }
    })
    .await;
    system.worker().kill();
    system.worker().restart().await;
    taken_apart_once(&system, &teacher, &accepted).await;
}

#[tokio::test]
async fn a_grading_service_that_dies_between_commit_and_reply_has_made_the_copies_once() {
    let mut system = System::builder().impatient().proxy().start().await;
    let teacher = system.teacher().await;
    let exam = system.exam_on(2, Layout::A4).await;
    let bar = system.database.bar("grading.batch_pieces");
    let accepted = upload(&teacher, &exam, corpus::scan(MANY, 71), "reply-lost")
        .await
        .expect(202);
    // The worker has reported the booklets. It gets no reply: the commit comes, and it does not know.
    bar.reached().await;
    system.proxy.as_ref().unwrap().hold_replies(true);
    drop(bar);
    let committed = "SELECT count(*) AS count FROM grading.batches WHERE status = 'SPLIT'";
    eventually("the commit", async || match system.count(committed) {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
    system.grading.kill();
    system.proxy.as_ref().unwrap().cut();
    system.proxy.as_ref().unwrap().hold_replies(false);
    system.grading.restart().await;
    taken_apart_once(&system, &teacher, &accepted).await;
}

/// Every two pages have become one copy, and each was imported once. That no page is lost is in the books.
async fn taken_apart_once(system: &System, teacher: &Client, accepted: &Answer) {
    system.settle().await;
    let batch = batch(teacher, accepted).await;
    assert_eq!(
        (&batch["status"], &batch["anomalies"]),
        (&json!("SPLIT"), &json!([]))
    );
    let expected = usize::try_from(MANY / 2).unwrap();
    assert_eq!(copies(&batch).len(), expected);
    let imported = "SELECT count(*) AS count FROM grading.copies WHERE page_count = 2";
    assert_eq!(system.count(imported), i64::from(MANY / 2));
    assert_eq!(
        system.count("SELECT count(*) AS count FROM grading.copies"),
        i64::from(MANY / 2)
    );
}
