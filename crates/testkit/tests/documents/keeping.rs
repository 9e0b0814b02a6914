//! Erasing, backing up, losing everything, and coming back.

use tempfile::TempDir;
use testkit::{System, Upload, corpus, eventually};

use crate::calls;
use crate::seat::Seat;
use crate::typed::{BACKUP, OPERATIONS, RESTORE, RETENTION, lines};

/// The pupil whom docs/operations.md forgets.
const PUPIL: &str = "0198c5a0-0000-7000-8000-000000000001";
/// How many lines of the way back look at what is there, end what runs, and keep what there was.
const WHILE_IT_IS_THERE: usize = 4;

#[tokio::test]
async fn what_is_kept_is_erased_taken_away_lost_and_brought_back() {
    let mut system = System::builder().own_database().impatient().start().await;
    let machine = TempDir::new().unwrap();
    let mut seat = Seat::take(machine.path(), system.seat());
    seat.enter("korrigo users add --role ADMIN --login head@school.example --name 'The head' <password-file");
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::text(2), "a-copy-that-is-kept");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    system.settle().await;
    system.database.run(&format!(
        "INSERT INTO grading.students (id, surname, given_names, search_key, match_key)
         VALUES ('{PUPIL}', 'EXEMPLE', 'Camille', 'exemple camille', '{PUPIL}')"
    ));
    for line in lines(OPERATIONS, RETENTION, "sh") {
        seat.enter(&line);
    }
    system.vouched().await;
    for line in lines(OPERATIONS, BACKUP, "sh") {
        seat.enter(&line);
    }
    eventually("grading to know of the backup", async || {
        let metric = "grading_backup_last_success_timestamp_seconds";
        let of = system.grading.metric(metric, "").await;
        if of > 0.0 { Ok(()) } else { Err(of) }
    })
    .await;

    let restore = lines(OPERATIONS, RESTORE, "sh");
    let (before, after) = restore.split_at(WHILE_IT_IS_THERE);
    let [set_aside, restore, start, again, timer, status] = after else {
        panic!("another way back: {after:?}");
    };
    for line in before {
        seat.enter(line);
    }
    system.worker().kill();
    system.grading.kill();
    system.database.run("DROP SCHEMA grading CASCADE");
    std::fs::remove_dir_all(system.blobs()).unwrap();
    for line in [set_aside, restore, start, timer] {
        seat.enter(line);
    }
    calls::check(&seat.calls());
    system.grading.restart().await;
    system.worker().restart().await;
    system.settle().await;
    seat.enter(again);
    seat.enter(&format!("export KORRIGO_ADMIN_URLS={}", system.admin_urls()));
    eventually("that all is well", async || match seat.outcome(status) {
        (0, _) => Ok(()),
        other => Err(other),
    })
    .await;
    let restored = system.teacher().await.get(&format!("/copies/{copy}")).await;
    assert_eq!(restored.expect(200).text("/status"), "STAGING");
}
