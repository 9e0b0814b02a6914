//! Documents that were made to do harm, among others that were not.

use testkit::{Client, Service, System, Upload, corpus, eventually, evidence};

use crate::rounds;

/// How many good documents there are beside the three.
const FEW: u64 = 8;
const MANY: u64 = 50;

#[tokio::test]
async fn documents_that_do_harm_fail_with_their_codes_and_the_others_are_done() {
    let system = System::builder()
        .setting("KORRIGO_DOCUMENT_TIMEOUT", "3s")
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let before: Vec<u32> = system.services().map(Service::pid).collect();
    let good = if rounds() == 1 { FEW } else { MANY };
    let harmful = [
        ("timeout", corpus::endless()),
        ("page_too_large", corpus::gigantic_page()),
        ("invalid_pdf", corpus::truncated()),
    ];
    let mut poisoned = Vec::new();
    for (code, bytes) in harmful {
        poisoned.push((code, upload(&teacher, &exam, code, bytes).await));
    }
    for number in 0..good {
        let key = format!("poison-{number}");
        upload(&teacher, &exam, &key, corpus::scan(1, number)).await;
    }
    eventually("every job to end", async || {
        // The pauses between attempts are not waited for.
        system.database.hurry();
        match system.count("SELECT count(*) FROM grading.jobs WHERE state IN ('QUEUED', 'RUNNING')") {
            0 => Ok(()),
            open => Err(open),
        }
    })
    .await;
    system.settle().await;
    let done = "SELECT count(*) FROM grading.copies WHERE page_count = 1";
    assert_eq!(system.count(done), i64::try_from(good).unwrap());
    for (code, copy) in &poisoned {
        let seen = teacher.get(&format!("/copies/{copy}")).await.expect(200);
        assert_eq!(seen.text("/error_code"), *code);
    }
    let attempts = system.count("SELECT max(attempt) FROM grading.jobs");
    assert!(attempts <= 5, "{attempts} attempts");
    let after: Vec<u32> = system.services().map(Service::pid).collect();
    assert_eq!(before, after, "no process was replaced");
    let codes: Vec<&str> = poisoned.iter().map(|(code, _)| *code).collect();
    evidence(format_args!(
        "{good} good documents done, three others failed with {codes:?} after at most {attempts} attempts"
    ));
}

async fn upload(teacher: &Client, exam: &str, key: &str, bytes: Vec<u8>) -> String {
    let upload = Upload::new(exam, bytes, key);
    teacher.upload(upload).await.expect(202).text("/copy_id")
}
