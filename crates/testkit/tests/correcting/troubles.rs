//! Troubles that hardly ever come, each brought about by itself: `status` and `diagnose` call them by their names.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use testkit::commands::alone;
use testkit::{System, TestDatabase, Upload, corpus, eventually, program, text};

use crate::desk::{Desk, Pen};
use crate::operators::verdict;

/// A copy whose import nobody has ordered.
const FORGOTTEN: &str = "
    INSERT INTO grading.exams (id, name, date, layout) VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4');
    INSERT INTO grading.copies (id, exam_id, anonymous_id)
        SELECT gen_random_uuid(), id, 'AAAA-2222' FROM grading.exams";
const FULL: &str = "DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$";

/// An exam that has been there for this long.
const EXAM: &str = "INSERT INTO grading.exams (id, name, date, layout, created_at)
    VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4', now() - interval '27 hours')";

/// The codes of what `status` finds.
fn found(system: &System, more: &[&str]) -> Vec<String> {
    let output = system.operate(&[&["status", "--json"], more].concat());
    codes(&output.stdout).unwrap_or_else(|| panic!("{}", text(&output)))
}

/// The same of a database beside which nothing runs.
fn found_in(database: &TestDatabase) -> Vec<String> {
    let mut command = alone(program("korrigo"), &["status", "--json"]);
    command.env("KORRIGO_DATABASE_URL", database.app_url());
    command.env("KORRIGO_LOOK_WITHIN", "20s");
    let output = command.output().unwrap();
    codes(&output.stdout).unwrap_or_else(|| panic!("{}", text(&output)))
}

fn codes(printed: &[u8]) -> Option<Vec<String>> {
    let seen: Value = serde_json::from_slice(printed).ok()?;
    let findings = seen.get("findings")?.as_array()?.iter();
    findings
        .map(|finding| Some(finding.get("code")?.as_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn what_stands_still_while_nobody_mends_it_is_called_by_its_name() {
    let mut system = System::start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;
    let _pen = Pen::take(&teacher, &desk.copy).await;
    let copy = desk.copy.clone();
    // Worker and grading are gone in the middle of an import.
    let exam = system.exam().await;
    let bar = system.database.bar("grading.pages");
    let upload = Upload::new(&exam, corpus::text(2), "stands-still");
    teacher.upload(upload).await.expect(202);
    bar.reached().await;
    system.grading.kill();
    system.workers.first_mut().unwrap().kill();
    drop(bar);
    for (harm, finding) in [
        (
            "UPDATE grading.locks SET expires_at = now() - interval '2 minutes'",
            "locks_overdue",
        ),
        (
            "UPDATE grading.jobs SET lease_until = now() - interval '2 minutes' WHERE state = 'RUNNING'",
            "leases_over",
        ),
        (
            "UPDATE grading.jobs SET created_at = now() - interval '2 days' WHERE state = 'RUNNING'",
            "jobs_waiting",
        ),
        (
            "UPDATE grading.outbox SET sent_at = NULL, available_at = now() - interval '2 minutes'
             WHERE job_id IN (SELECT id FROM grading.jobs WHERE state = 'RUNNING')",
            "outbox_stuck",
        ),
    ] {
        let before = found(&system, &[]);
        assert!(!before.iter().any(|code| code == finding), "{before:?}");
        system.database.run(harm);
        let after = found(&system, &[]);
        assert!(after.iter().any(|code| code == finding), "{finding}: {after:?}");
    }
    assert_eq!(verdict(&system, &["copy", &copy]), (1, "lock_lapsed".to_owned()));
    let (finalize, dead) = ("korrigo.pdf.finalize", "korrigo.pdf.import.dead");
    system.broker.delete_queue(finalize).await;
    system.broker.publish(dead, "of.nobody", b"{}".to_vec()).await;
    system.broker.wait_for_depth(dead, 1).await;
    let after = found(&system, &[]);
    for finding in ["queue_missing", "dead_letters"] {
        assert!(after.iter().any(|code| code == finding), "{finding}: {after:?}");
    }
    system.broker.purge(dead).await;
    system.grading.restart().await;
    system.worker().restart().await;
    system.settle_in_a_hurry().await;
    let left = "SELECT count(*) FROM grading.locks";
    eventually("the lock to end", async || match system.count(left) {
        0 => Ok(()),
        locks => Err(locks),
    })
    .await;
}

#[tokio::test]
async fn a_service_that_sleeps_and_one_that_is_about_to_end_are_called_by_their_names() {
    let system = System::builder()
        .drain_delay(Duration::from_secs(30))
        .start()
        .await;
    let urls = system.admin_urls();
    for (service, finding) in [
        (system.gateway(), "gateway_silent"),
        (&system.grading, "grading_silent"),
    ] {
        service.signal(Signal::STOP);
        let seen = found(&system, &["--admin-urls", &urls, "--within", "2s"]);
        service.signal(Signal::CONT);
        assert!(seen.iter().any(|code| code == finding), "{finding}: {seen:?}");
    }
    system.gateway().terminate();
    eventually("the gateway to say that it is not ready", async || {
        let seen = found(&system, &["--admin-urls", &urls]);
        if seen.iter().any(|code| code == "service_not_ready") {
            Ok(())
        } else {
            Err(seen)
        }
    })
    .await;
}

#[test]
fn a_copy_that_nobody_imports_and_a_database_without_room_for_anybody_are_called_by_their_names() {
    let database = TestDatabase::create();
    assert_eq!(found_in(&database), [""; 0]);
    database.run(FORGOTTEN);
    assert_eq!(found_in(&database), ["copies_forgotten"]);
    database.run(FULL);
    assert_eq!(found_in(&database), ["database_busy"]);
}

#[test]
fn a_backup_is_missed_a_day_after_there_is_something_to_be_lost_and_until_one_is_taken() {
    let database = TestDatabase::create();
    database.run(EXAM);
    assert_eq!(found_in(&database), ["backup_old"], "there is none");
    database.run("INSERT INTO grading.last_backup (taken_at) VALUES (now() - interval '25 hours')");
    assert_eq!(found_in(&database), [""; 0]);
    database.run("UPDATE grading.last_backup SET taken_at = now() - interval '27 hours'");
    assert_eq!(found_in(&database), ["backup_old"]);
}
