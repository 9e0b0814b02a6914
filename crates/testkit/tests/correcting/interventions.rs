//! People step in: jobs that are called off and tried again, and messages that the broker gave up.

use contracts::jobs;
use serde_json::Value;
use testkit::{Answer, Client, System, Upload, corpus, eventually};

use crate::desk::{Desk, Pen, text};
use crate::operators::{ended, verdict};

async fn cancel(client: &Client, job: &str) -> Answer {
    client.post(&format!("/jobs/{job}/cancel"), &Value::Null).await
}

/// A copy that no worker has taken yet.
async fn waiting(system: &mut System, key: &str) -> (Client, String, String) {
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    system.worker().kill();
    system.worker().ended();
    let accepted = teacher.upload(Upload::new(&exam, corpus::text(2), key)).await;
    let accepted = accepted.expect(202);
    (teacher, accepted.text("/copy_id"), accepted.text("/job/id"))
}

fn operator(system: &System, words: &[&str]) -> (i32, String) {
    ended(&system.operate(&[words, &["--operator", system.admin_login()]].concat()))
}

/// The events of a copy: what, whether it worked, and whose doing it was.
async fn trail(client: &Client, copy: &str) -> Vec<(String, String)> {
    let events = client
        .get(&format!("/copies/{copy}/events"))
        .await
        .expect(200)
        .json();
    let events = events.pointer("/items").and_then(Value::as_array).unwrap();
    events
        .iter()
        .map(|event| (text(event, "/action"), text(event, "/actor_type")))
        .collect()
}

fn pair(action: &str, actor: &str) -> (String, String) {
    (action.to_owned(), actor.to_owned())
}

#[tokio::test]
async fn an_import_that_waits_is_called_off_by_who_asked_for_it_and_started_again_by_an_operator() {
    let mut system = System::builder().own_broker().start().await;
    let (teacher, copy, job) = waiting(&mut system, "an-import-to-call-off").await;
    let cancelled = cancel(&teacher, &job).await.expect(202);
    assert_eq!(cancelled.text("/state"), "CANCELLED");
    cancel(&teacher, &job).await.expect_problem(409, "wrong_state");
    assert_eq!(verdict(&system, &["copy", &copy]), (0, "cancelled".to_owned()));
    let seen = teacher.get(&format!("/copies/{copy}")).await.expect(200).json();
    assert_eq!(
        (text(&seen, "/status"), text(&seen, "/error_code")),
        ("STAGING".into(), "unknown".into())
    );

    let (code, told) = operator(&system, &["jobs", "retry", &job]);
    assert!(code == 0 && !told.contains(&job), "another job: {told}");
    let (code, told) = operator(&system, &["jobs", "retry", &job]);
    assert!(code == 1 && told.contains("wrong_state"), "{told}");
    system.worker().restart().await;
    system.settle().await;
    assert_eq!(
        trail(&teacher, &copy).await,
        [
            pair("IMPORT", "user"),
            pair("RETRY", "operator"),
            pair("IMPORT", "service")
        ]
    );
}

#[tokio::test]
async fn a_finalization_that_an_operator_calls_off_can_be_asked_for_again() {
    let mut system = System::builder().own_broker().start().await;
    let desk = Desk::ready(&system).await;
    let (copy, teacher) = (desk.copy.clone(), system.teacher().await);
    let pen = Pen::take(&teacher, &copy).await;
    system.worker().kill();
    system.worker().ended();
    let job = Client::send(pen.finalize("a-finalize-to-call-off")).await;
    let job = job.expect(202).text("/job/id");
    let (code, told) = operator(&system, &["jobs", "cancel", &job]);
    assert!(code == 0 && told.contains("CANCELLED"), "{told}");
    assert_eq!(verdict(&system, &["copy", &copy]), (0, "cancelled".to_owned()));
    let seen = teacher.get(&format!("/copies/{copy}")).await.expect(200).json();
    assert_eq!(text(&seen, "/status"), "GRADING_FAILED");

    let (code, told) = operator(&system, &["jobs", "retry", &job]);
    assert_eq!(code, 0, "{told}");
    system.worker().restart().await;
    system.settle().await;
    let seen = teacher.get(&format!("/copies/{copy}")).await.expect(200).json();
    assert_eq!(text(&seen, "/status"), "GRADED");
    let last: Vec<_> = trail(&teacher, &copy).await.into_iter().rev().take(3).collect();
    assert_eq!(
        last,
        [
            pair("FINALIZE", "service"),
            pair("RETRY", "operator"),
            pair("FINALIZE", "operator")
        ]
    );
}

#[tokio::test]
async fn what_a_worker_makes_of_a_job_that_was_called_off_counts_for_nothing() {
    let system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    // The worker has made the pages, and grading is about to write them down.
    let bar = system.database.bar("grading.pages");
    let upload = Upload::new(&exam, corpus::text(3), "an-import-under-way");
    let accepted = teacher.upload(upload).await.expect(202);
    let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
    bar.reached().await;
    let (call_off, ()) = tokio::join!(cancel(&teacher, &job), async { drop(bar) });
    system.settle().await;
    let pages = teacher.get(&format!("/copies/{copy}")).await.expect(200).json();
    let pages = pages.pointer("/pages").and_then(Value::as_array).unwrap().len();
    // Whoever came first has won, and the other one heard so.
    match call_off.status {
        202 => assert_eq!(pages, 0),
        other => assert_eq!(
            (other, call_off.text("/code"), pages),
            (409, "wrong_state".to_owned(), 3)
        ),
    }
    assert_eq!(trail(&teacher, &copy).await.len(), 1);
}

#[tokio::test]
async fn a_worker_lets_go_of_a_job_that_is_called_off() {
    let system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::scan(60, 5), "a-long-import");
    let accepted = teacher.upload(upload).await.expect(202);
    let (copy, job) = (accepted.text("/copy_id"), accepted.text("/job/id"));
    eventually("the job to run", async || {
        let state = teacher
            .get(&format!("/jobs/{job}"))
            .await
            .expect(200)
            .text("/state");
        if state == "RUNNING" { Ok(()) } else { Err(state) }
    })
    .await;
    cancel(&teacher, &job).await.expect(202);
    eventually("the worker to hear of it", async || {
        let lines = system.log_lines();
        let mut of_job = lines.iter().filter(|line| text(line, "/job_id") == job);
        let let_go =
            of_job.any(|line| ["job.lease_lost", "job.report_late"].contains(&text(line, "/event").as_str()));
        if let_go { Ok(()) } else { Err("it works on") }
    })
    .await;
    let next = Upload::new(&exam, corpus::text(1), "the-next-import");
    teacher.upload(next).await.expect(202);
    system.settle().await;
    assert_eq!(verdict(&system, &["job", &job]), (0, "cancelled".to_owned()));
    assert_eq!(trail(&teacher, &copy).await, [pair("IMPORT", "user")]);
}

#[tokio::test]
async fn dead_letters_are_looked_at_replayed_and_thrown_away() {
    const QUEUE: &str = "korrigo.pdf.import.dead";
    const PERSONAL: &str = "Jeanne Exemple";
    let mut system = System::builder().own_broker().start().await;
    let (teacher, copy, job) = waiting(&mut system, "an-import-with-a-letter").await;
    let letter = jobs::encode(job.parse().unwrap());
    system.broker.publish(QUEUE, jobs::JOB_MESSAGE_V1, letter).await;
    system.broker.publish(QUEUE, PERSONAL, PERSONAL.into()).await;

    let listed = system.operate(&["dead-letters", "list", "--json"]);
    let letters: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let name = |index: usize| text(letters.get(index).unwrap(), "/letter");
    assert_eq!((letters.len(), text(&letters[0], "/job")), (2, job.clone()));
    assert_eq!(letters[1].pointer("/job"), Some(&Value::Null));
    let (_, unreadable) = ended(&system.operate(&["dead-letters", "show", &name(1)]));
    assert!(unreadable.contains("unreadable"), "{unreadable}");
    for printed in [
        ended(&listed).1,
        unreadable,
        ended(&system.operate(&["dead-letters", "list"])).1,
    ] {
        assert!(!printed.contains("Exemple"), "{printed}");
    }
    let (code, told) = ended(&system.operate(&["dead-letters", "show", "000000000000"]));
    assert!(code == 1 && told.contains("no such letter"), "{told}");

    let (code, told) = operator(&system, &["dead-letters", "replay", "--all"]);
    assert!(
        code == 1 && told.contains(&job) && told.contains("nobody can read"),
        "{told}"
    );
    system.broker.wait_for_depth(QUEUE, 1).await;
    let (code, told) = operator(&system, &["dead-letters", "discard", &name(1)]);
    assert!(code == 0 && told.contains("thrown away"), "{told}");
    system.broker.wait_for_depth(QUEUE, 0).await;
    let dismissed = system.logged("job.dead_letter_dismissed").await;
    assert!(!text(&dismissed, "/user_id").is_empty());

    system.worker().restart().await;
    system.settle().await;
    assert_eq!(
        trail(&teacher, &copy).await,
        [pair("RETRY", "operator"), pair("IMPORT", "service")]
    );
}
