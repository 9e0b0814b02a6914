//! Documents that were made to do harm, among others that were not.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use testkit::{Client, Service, System, Upload, children, corpus, eventually, evidence};

use crate::rounds;

/// How many good documents there are beside those.
const FEW: u64 = 8;
const MANY: u64 = 50;
/// How soon after one of them the next document is begun.
const NEXT_WITHIN: Duration = Duration::from_secs(1);
/// Pieces of 16 MiB: a page of 8 GiB.
const PIECES: usize = 512;

#[tokio::test]
async fn documents_that_do_harm_fail_with_their_codes_and_the_others_are_done() {
    let system = System::builder()
        .setting("KORRIGO_DOCUMENT_TIMEOUT", "5s")
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let before: Vec<u32> = system.services().map(Service::pid).collect();
    let good = if rounds() == 1 { FEW } else { MANY };
    let crashing = [corpus::endless(), b"% another".to_vec()].concat();
    let crashing = upload(&teacher, &exam, "crash", crashing).await;
    let harmful = [
        ("timeout", corpus::endless()),
        ("page_too_large", corpus::inflating_without_end(PIECES)),
        ("page_too_large", corpus::gigantic_page()),
        ("invalid_pdf", corpus::truncated()),
    ];
    let mut poisoned = vec![("unknown", crashing.clone())];
    for (number, (code, bytes)) in harmful.into_iter().enumerate() {
        let key = format!("poison-{code}-{number}");
        poisoned.push((code, upload(&teacher, &exam, &key, bytes).await));
    }
    for number in 0..good {
        let key = format!("good-{number}");
        upload(&teacher, &exam, &key, corpus::scan(1, number)).await;
    }
    let crashes = crash_until_given_up(&system, &crashing).await;
    assert_ne!(crashes, 0);
    system.settle_in_a_hurry().await;
    // Whoever has seen all of that takes the next one.
    upload(&teacher, &exam, "next", corpus::scan(1, good)).await;
    system.settle_in_a_hurry().await;

    let done = "SELECT count(*) FROM grading.copies WHERE page_count = 1";
    assert_eq!(system.count(done), i64::try_from(good).unwrap() + 1);
    for (code, copy) in &poisoned {
        let seen = teacher.get(&format!("/copies/{copy}")).await.expect(200);
        assert_eq!(seen.text("/error_code"), *code);
    }
    let attempts = system.count("SELECT max(attempt) FROM grading.jobs");
    assert!(attempts <= 5, "{attempts} attempts");
    let after: Vec<u32> = system.services().map(Service::pid).collect();
    assert_eq!(before, after, "no process was replaced");
    if rounds() > 1 {
        the_next_begins_soon(&system, &teacher, &exam).await;
    }
    let codes: Vec<&str> = poisoned.iter().map(|(code, _)| *code).collect();
    evidence(format_args!(
        "{} good documents done, the last of them after all others; {} failed with {codes:?} after at most {attempts} attempts; the child \
         of one was ended by SIGSEGV {crashes} times; the processes {after:?} are those that were started",
        good + 1,
        poisoned.len()
    ));
}

/// On a machine that does nothing else: how soon after the child of one document was ended the next document is begun.
async fn the_next_begins_soon(system: &System, teacher: &Client, exam: &str) {
    let endless = [corpus::endless(), b"% a third".to_vec()].concat();
    let endless = upload(teacher, exam, "endless", endless).await;
    let is = async |what: &str, copy: &str, states: &str| {
        let jobs =
            format!("SELECT count(*) FROM grading.jobs WHERE copy_id = '{copy}' AND state IN ({states})");
        eventually(what, async || match system.count(&jobs) {
            0 => Err("not yet"),
            _ => Ok(()),
        })
        .await;
    };
    is("the endless one to be begun", &endless, "'RUNNING'").await;
    let next = upload(teacher, exam, "after-endless", corpus::scan(1, 2 * MANY)).await;
    is("its child to be ended", &endless, "'QUEUED', 'FAILED'").await;
    let since = Instant::now();
    is("the next one to be begun", &next, "'RUNNING', 'SUCCEEDED'").await;
    let took = since.elapsed();
    assert!(took <= NEXT_WITHIN, "{took:?}");
    system.settle_in_a_hurry().await;
    evidence(format_args!(
        "the next document was begun {took:.2?} after the child of one without an end was ended"
    ));
}

/// Has each child that is at work on this copy crash, until its job is given up. How often one did.
async fn crash_until_given_up(system: &System, copy: &str) -> usize {
    let of_copy = |what: &str| format!("SELECT {what} FROM grading.jobs WHERE copy_id = '{copy}'");
    let running = of_copy("count(*) FILTER (WHERE state = 'RUNNING')");
    let over = of_copy("count(*) FILTER (WHERE state = 'FAILED')");
    let worker = system.workers.first().unwrap();
    eventually("the job to be given up", async || {
        system.database.hurry();
        // One import at a time: the child is this copy's. The first signal only takes away what Rust does at an overflow of
        // the stack, so that the next one is a crash.
        if system.count(&running) > 0
            && let Some(child) = importing(worker.pid())
        {
            // It fails if the child was faster.
            let _ = kill_process(child, Signal::SEGV);
        }
        match system.count(&over) {
            0 => Err("it goes on"),
            _ => Ok(()),
        }
    })
    .await;
    let lines = system.log_lines();
    let crashed = lines.iter().filter(|line| {
        let says = |field: &str, value: &str| line.get(field).is_some_and(|said| said == value);
        says("event", "child.crashed") && says("reason", "signal")
    });
    crashed.count()
}

/// The child of a worker that imports.
fn importing(worker: u32) -> Option<Pid> {
    let imports = |pid: &u32| {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.contains("import")
    };
    let pid = children(worker).into_iter().find(imports)?;
    Pid::from_raw(i32::try_from(pid).unwrap())
}

async fn upload(teacher: &Client, exam: &str, key: &str, bytes: Vec<u8>) -> String {
    let upload = Upload::new(exam, bytes, key);
    teacher.upload(upload).await.expect(202).text("/copy_id")
}
