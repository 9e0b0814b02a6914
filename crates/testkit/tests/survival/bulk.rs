//! A heap of imports that get stuck: who corrects does not notice.

use std::time::{Duration, Instant};

use testkit::{System, Upload, corpus, eventually, evidence};

/// More than there are connections to the database, which are four.
const IMPORTS: u64 = 6;
/// Pages enough that all are accepted before the first is done.
const PAGES: u32 = 8;

#[tokio::test]
async fn imports_that_are_stuck_in_the_database_leave_room_for_who_corrects() {
    let system = System::builder()
        .setting("KORRIGO_IMPORT_SLOTS", IMPORTS.to_string())
        .setting("KORRIGO_DATABASE_LOCK_TIMEOUT", "30s")
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for number in 0..IMPORTS {
        let key = format!("bulk-{number}");
        let upload = Upload {
            exam: &exam,
            bytes: corpus::scan(PAGES, number),
            filename: "copie.pdf",
            key: &key,
        };
        teacher.upload(upload).await.expect(202);
    }
    let bar = system.database.bar("grading.pages");
    let stuck = || {
        system
            .count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'grading.pages'::regclass")
    };
    eventually("half of the connections to be taken", async || match stuck() {
        2 => Ok(()),
        other => Err(other),
    })
    .await;
    let (mut slowest, since) = (Duration::ZERO, Instant::now());
    // Meanwhile all the others come to report what they have done.
    while since.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        teacher.get("/exams").await.expect(200);
        slowest = slowest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let stuck = stuck();
    assert_eq!(stuck, 2, "half of the connections");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    drop(bar);
    system.settle().await;
    evidence(format_args!(
        "while {stuck} of {IMPORTS} imports held all that work in bulk may take, the slowest other request took {slowest:.0?}"
    ));
}
