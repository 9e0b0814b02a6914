//! Archives: the corrected documents of a release in one file, ordered, made, handed out and gone.

use std::collections::BTreeMap;
use std::process::Command;

use domain::Digest;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, System, eventually, evidence};

use crate::desk::{Desk, text};
use crate::operators::verdict;
use crate::release::{author, correct, exports, graded, release, withdraw};

/// Names and digests of the members of an archive, as another program than ours finds them.
const MEMBERS: &str = "
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == len(set(names))
    print(json.dumps([[name, hashlib.sha256(archive.read(name)).hexdigest()] for name in names]))
";

pub(crate) fn members(system: &System, archive: &[u8]) -> Vec<(String, String)> {
    let path = system.path("archive.zip");
    std::fs::write(&path, archive).unwrap();
    let output = Command::new("python3")
        .args(["-I", "-c", MEMBERS])
        .arg(&path)
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn order(admin: &Client, exam: &str, key: &str) -> Answer {
    let request = admin.request(Method::POST, &format!("/exams/{exam}/archive"));
    Client::send(request.header("Idempotency-Key", key)).await
}

/// Two graded copies of one exam, one of them of a pupil, and their released results.
struct Released<'a> {
    desk: Desk<'a>,
    other: String,
    admin: Client,
}

impl<'a> Released<'a> {
    async fn of(system: &'a System) -> Self {
        let desk = Desk::ready(system).await;
        correct(system, &desk.copy, "12.5", "first").await;
        let other = graded(&desk, 3, "7").await;
        author(system, &desk.copy, "É/CUYER").await;
        let admin = system.admin().await;
        release(&admin, &desk.exam, "released").await.expect(201);
        Self { desk, other, admin }
    }

    fn at(&self, below: &str) -> String {
        format!("/exams/{}{below}", self.desk.exam)
    }

    async fn order(&self, key: &str) -> Answer {
        order(&self.admin, &self.desk.exam, key).await.expect(202)
    }

    /// The archive that is there now, and its file.
    async fn made(&self, key: &str) -> (Value, Answer) {
        self.order(key).await;
        self.desk.system.settle().await;
        let archive = self.admin.get(&self.at("/archive")).await.expect(200).json();
        let file = self.admin.get(&self.at("/archive.zip")).await.expect(200);
        (archive, file)
    }

    async fn nothing(&self) {
        for path in ["/archive", "/archive.zip"] {
            let answer = self.admin.get(&self.at(path)).await;
            answer.expect_problem(404, "not_found");
        }
    }
}

/// What is told of a job when it has ended: the answer ends then, so the whole body can be waited for.
async fn last_event(admin: &Client, job: &str) -> Value {
    let stream = admin.get(&format!("/jobs/{job}/events")).await.expect(200).body;
    let stream = String::from_utf8(stream).unwrap();
    let mut told = stream.lines().filter_map(|line| line.strip_prefix("data:"));
    serde_json::from_str(told.next_back().unwrap()).unwrap()
}

#[tokio::test]
async fn an_archive_has_each_document_as_it_was_released_and_each_copy_is_told_before_it_leaves() {
    let system = System::start().await;
    let released = Released::of(&system).await;
    let (desk, admin) = (&released.desk, &released.admin);
    withdraw(admin, &desk.exam).await;
    order(admin, &desk.exam, "too-early")
        .await
        .expect_problem(409, "wrong_state");
    released.nothing().await;
    release(admin, &desk.exam, "again").await.expect(201);
    released.nothing().await;

    let ordered = released.order("ordered").await;
    let job = ordered.text("/job/id");
    assert_eq!(ordered.header("location"), format!("/api/v1/jobs/{job}"));
    assert_eq!(ordered.text("/job/kind"), "MAKE_ARCHIVE");
    let last = last_event(admin, &job).await;
    assert_eq!(
        (text(&last, "/state").as_str(), &last["progress"]),
        ("SUCCEEDED", &json!({"done": 2, "total": 2}))
    );
    for key in ["ordered", "another-key"] {
        let again = released.order(key).await;
        assert_eq!(again.body, ordered.body);
    }

    let file = admin.get(&released.at("/archive.zip")).await.expect(200);
    for (header, expected) in [
        ("content-type", "application/zip"),
        ("cache-control", "private, no-store"),
        ("content-length", &file.body.len().to_string()),
        (
            "content-disposition",
            &format!("attachment; filename=\"corrected-{}-2.zip\"", desk.exam),
        ),
    ] {
        assert_eq!(file.header(header), expected);
    }
    let mut expected = BTreeMap::new();
    for (copy, who) in [(&desk.copy, "1re B/É_CUYER Zoé-"), (&released.other, "-/")] {
        let row = format!("SELECT anonymous_id FROM grading.copies WHERE id = '{copy}'");
        let name = format!("{who}{}.pdf", system.database.texts(&row).concat());
        let document = admin.get(&format!("/copies/{copy}/final.pdf")).await.expect(200);
        expected.insert(name, Digest::of(&document.body).to_string());
    }
    let found: BTreeMap<_, _> = members(&system, &file.body).into_iter().collect();
    assert_eq!(found, expected);
    let digest = Digest::of(&file.body).to_string();
    let told = json!({"variant": "archive", "sha256": digest});
    let times = exports(desk).await.iter().filter(|said| **said == told).count();
    assert_eq!(times, 1);

    let seen = admin.get(&released.at("/archive")).await.expect(200).json();
    assert_eq!(
        (&seen["number"], &seen["copies"], &seen["bytes"]),
        (&json!(2), &json!(2), &json!(file.body.len()))
    );
    assert!(seen["expires_at"].is_string() && seen["job"]["state"] == "SUCCEEDED");
    let part = admin.request(Method::GET, &released.at("/archive.zip"));
    let part = Client::send(part.header("range", "bytes=0-3")).await.expect(200);
    assert_eq!(part.body.len(), file.body.len());
}

#[tokio::test]
async fn of_many_who_order_at_once_all_get_one_archive() {
    let system = System::start().await;
    let released = Released::of(&system).await;
    let keys: Vec<String> = (0..8).map(|number| format!("racer-{number}")).collect();
    let answers = join_all(keys.iter().map(|key| released.order(key))).await;
    let first = answers[0].text("/archive_id");
    assert!(answers.iter().all(|answer| answer.text("/archive_id") == first));
    system.settle().await;
    let jobs = "SELECT count(*) FROM grading.jobs WHERE kind = 'MAKE_ARCHIVE'";
    assert_eq!(system.count(jobs), 1);
    evidence(format_args!(
        "{} requests ordered one archive at once, one was made",
        keys.len()
    ));
}

#[tokio::test]
async fn an_archive_is_gone_with_its_time_and_with_its_release() {
    let system = System::builder().sweeping().start().await;
    let released = Released::of(&system).await;
    let (first, file) = released.made("first").await;
    system
        .database
        .run("UPDATE grading.archives SET expires_at = now() - interval '1 second'");
    released.nothing().await;
    let (second, same) = released.made("second").await;
    assert_ne!(first["id"], second["id"]);
    assert!(same.body == file.body, "the same documents make the same file");

    let blob = Digest::of(&same.body).to_string();
    withdraw(&released.admin, &released.desk.exam).await;
    released.nothing().await;
    gone(&system, &blob).await;
    release(&released.admin, &released.desk.exam, "again")
        .await
        .expect(201);
    released.nothing().await;
    let (third, _) = released.made("third").await;
    assert_eq!(third["number"], 2);
}

#[tokio::test]
async fn an_erased_pupil_is_in_no_archive_and_one_on_its_way_is_called_off() {
    let mut system = System::builder().sweeping().start().await;
    let released = Released::of(&system).await;
    let classmate = author(&system, &released.other, "MARTIN").await;
    let (_, file) = released.made("first").await;
    assert_eq!(members(&system, &file.body).len(), 2);
    let student = |copy: &str| {
        let whose = format!("SELECT student_id::text FROM grading.identities WHERE copy_id = '{copy}'");
        format!("/students/{}", system.database.texts(&whose).concat())
    };
    let [first, second] = [&released.desk.copy, &released.other].map(|copy| student(copy));
    let (admin, exam) = (released.admin.clone(), released.desk.exam.clone());
    admin.delete(&first).await.expect(204);
    released.nothing().await;
    gone(&system, &Digest::of(&file.body).to_string()).await;

    let (archive, file) = released.made("second").await;
    assert_eq!(archive["copies"], 1);
    let names = members(&system, &file.body);
    assert!(names.iter().all(|(name, _)| name.contains("MARTIN")), "{names:?}");
    withdraw(&admin, &exam).await;
    release(&admin, &exam, "again").await.expect(201);
    drop((released, classmate));
    system.worker().kill();
    let ordered = order(&admin, &exam, "third").await.expect(202);
    admin.delete(&second).await.expect(204);
    let job = admin.get(&format!("/jobs/{}", ordered.text("/job/id"))).await;
    assert_eq!(job.expect(200).text("/state"), "CANCELLED");
    system.worker().restart().await;
    system.settle().await;
    let path = format!("/exams/{exam}/archive");
    admin.get(&path).await.expect_problem(404, "not_found");
    for line in system.log_lines() {
        assert!(!line.to_string().contains("MARTIN"));
    }
}

#[tokio::test]
async fn an_archive_that_cannot_be_made_fails_for_a_reason_and_can_be_ordered_again() {
    let mut system = System::start().await;
    let released = Released::of(&system).await;
    let (admin, exam) = (released.admin.clone(), released.desk.exam.clone());
    drop(released);
    let document = "SELECT encode(digest, 'hex') FROM grading.documents ORDER BY job_id LIMIT 1";
    let document = system.blob(&system.database.texts(document).concat()).unwrap();
    let aside = system.path("aside.pdf");
    std::fs::rename(&document, &aside).unwrap();
    let job = order(&admin, &exam, "first").await.expect(202).text("/job/id");
    let job = format!("/jobs/{job}");
    eventually("the first attempt to fail", async || {
        let seen = admin.get(&job).await.expect(200).json();
        if seen["error_code"] == "unknown" {
            Ok(())
        } else {
            Err(seen)
        }
    })
    .await;
    let zip = format!("/exams/{exam}/archive.zip");
    admin.get(&zip).await.expect_problem(409, "wrong_state");
    admin.post(&format!("{job}/cancel"), &json!({})).await.expect(202);
    let archive = admin.get(&format!("/exams/{exam}/archive")).await.expect(200);
    assert_eq!(archive.text("/job/state"), "CANCELLED");

    system.worker().kill();
    let job = order(&admin, &exam, "second").await.expect(202).text("/job/id");
    system
        .database
        .run("UPDATE grading.jobs SET max_attempts = 1 WHERE state = 'QUEUED'");
    system.worker().restart().await;
    system.settle().await;
    let failed = admin.get(&format!("/jobs/{job}")).await.expect(200);
    assert_eq!(
        (failed.text("/state"), failed.text("/error_code")),
        ("FAILED".into(), "unknown".into())
    );
    for event in ["archive.attempt_failed", "archive.failed"] {
        let said = system.logged(event).await;
        assert_eq!(
            (&said["exam_id"], &said["error"], &said["attempt"]),
            (&json!(exam), &json!("unknown"), &json!(1))
        );
    }
    assert_eq!(verdict(&system, &["job", &job]), (1, "archive_failed".to_owned()));
    let status = testkit::text(&system.operate(&["status"]));
    assert!(status.contains("finding   archives_failed"), "{status}");
    std::fs::rename(&aside, &document).unwrap();
    order(&admin, &exam, "third").await.expect(202);
    system.settle().await;
    assert_eq!(members(&system, &admin.get(&zip).await.expect(200).body).len(), 2);
}

async fn gone(system: &System, blob: &str) {
    eventually("the file to be swept", async || {
        system
            .blob(blob)
            .map_or(Ok(()), |path| Err(path.display().to_string()))
    })
    .await;
}
