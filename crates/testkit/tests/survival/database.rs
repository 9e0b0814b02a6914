//! A database that dies, hangs up, is full of others, or makes people wait.

use std::cell::Cell;
use std::time::{Duration, Instant};

use korrigo::stack::Postgres;
use reqwest::Method;
use serde_json::json;
use testkit::{Answer, Client, System, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;
use crate::servers::killed_while_people_work;

#[tokio::test]
async fn a_database_that_is_killed_again_and_again_loses_no_acknowledged_write() {
    let system = System::builder().own_database().start().await;
    killed_while_people_work::<Postgres>(system).await;
}

#[tokio::test]
async fn connections_that_the_database_ends_are_replaced_and_no_request_is_an_internal_error() {
    let system = System::start().await;
    let corrector = Corrector::of(&system).await;
    let over = Cell::new(false);
    let hanging_up = async {
        for _ in 0..20 * rounds() {
            tokio::time::sleep(Duration::from_millis(60)).await;
            system.database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = 'korrigo_app'",
            );
        }
        over.set(true);
    };
    // The corrector takes 503 and 504 for nobody there; anything else of that kind fails the test.
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 550..), hanging_up);
    judge(&system, &copies).await;
    evidence(format_args!("all connections were ended {} times", 20 * rounds()));
}

#[tokio::test]
async fn a_database_that_takes_no_connections_is_unavailable_and_comes_back_by_itself() {
    let system = System::start().await;
    let teacher = system.teacher().await;
    let limit = |limit: i32| {
        system.database.run(&format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT {limit}', current_database()); END $$"
        ));
    };
    limit(0);
    eventually("all connections to end", async || {
        let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND usename = 'korrigo_app'";
        match system.database.count(ended) {
            0 => Ok(()),
            some => Err(some),
        }
    })
    .await;
    let since = Instant::now();
    let refused = futures::future::join_all((0..40).map(|_| teacher.get("/exams"))).await;
    let longest = since.elapsed();
    for answer in refused {
        assert!(
            !answer.header("retry-after").is_empty() || answer.status == 504,
            "{}",
            answer.status
        );
        assert!([503, 504].contains(&answer.status), "{}", answer.status);
    }
    assert!(rounds() == 1 || longest < Duration::from_secs(11), "{longest:?}");
    limit(-1);
    let since = Instant::now();
    let patience = Duration::from_secs(if rounds() == 1 { 60 } else { 10 });
    while teacher.get("/exams").await.status != 200 {
        assert!(since.elapsed() < patience, "it does not come back");
    }
    evidence(format_args!(
        "without connections 40 requests were refused within {longest:.1?}; after that the first was answered after {:.1?}",
        since.elapsed()
    ));
}

#[tokio::test]
async fn a_table_that_somebody_keeps_is_told_of_in_time_and_holds_up_nobody_who_reads() {
    // As many connections as usual; systems of tests have fewer.
    let system = System::builder()
        .setting("KORRIGO_DATABASE_CONNECTIONS", "8")
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let admin = system.admin().await;
    let seen = admin.get(&format!("/exams/{exam}")).await;
    let bar = system.database.bar("grading.exams");
    let since = Instant::now();
    let over = Cell::new(false);
    let writing = async {
        let writes = (0..30).map(|number| {
            let request = admin.request(Method::PATCH, &format!("/exams/{exam}"));
            let request = request.header("If-Match", seen.header("etag"));
            Client::send(request.json(&json!({"name": format!("Épreuve {number}")})))
        });
        let answers = futures::future::join_all(writes).await;
        over.set(true);
        answers
    };
    let reading = async {
        let mut slowest = Duration::ZERO;
        while !over.get() {
            let asked = Instant::now();
            teacher.get("/exams").await.expect(200);
            slowest = slowest.max(asked.elapsed());
        }
        slowest
    };
    let (writes, slowest) = tokio::join!(writing, reading);
    let longest = since.elapsed();
    let codes: Vec<_> = writes.iter().map(|answer| answer.text("/code")).collect();
    for (answer, code) in writes.iter().zip(&codes) {
        assert!(
            answer.status == 503 && ["db_contention", "unavailable"].contains(&code.as_str()),
            "{code}"
        );
        assert!(!answer.header("retry-after").is_empty());
    }
    assert!(codes.iter().any(|code| code == "db_contention"), "{codes:?}");
    // Each waits for a connection for three seconds at most, and two for each of the locks that it wants.
    assert!(rounds() == 1 || longest < Duration::from_secs(9), "{longest:?}");
    drop(bar);
    teacher.get("/exams").await.expect(200);
    evidence(format_args!(
        "30 writes to a table that somebody keeps were refused within {longest:.1?}; the slowest read meanwhile took {slowest:.0?}"
    ));
}

#[tokio::test]
async fn calls_that_wait_take_no_more_than_their_connection_may_have_and_others_are_refused_at_once() {
    let system = System::builder()
        .setting("KORRIGO_DATABASE_CONNECTIONS", "8")
        .setting("KORRIGO_MAX_CALLS", "4")
        .start()
        .await;
    let (admin, exam) = (system.admin().await, system.exam().await);
    let seen = admin.get(&format!("/exams/{exam}")).await;
    let bar = system.database.bar("grading.exams");
    let write = async || {
        let asked = Instant::now();
        let request = admin.request(Method::PATCH, &format!("/exams/{exam}"));
        let request = request.header("If-Match", seen.header("etag"));
        let answer = Client::send(request.json(&json!({"name": "Épreuve"}))).await;
        (answer, asked.elapsed())
    };
    let written = futures::future::join_all((0..12).map(|_| write())).await;
    for (answer, _took) in &written {
        assert_eq!(answer.status, 503, "{}", answer.text("/code"));
        assert!(!answer.header("retry-after").is_empty());
    }
    let is_refused = |answer: &Answer| answer.text("/code") == "unavailable";
    let waited = written.iter().filter(|(answer, _)| !is_refused(answer));
    let first = waited.map(|(_, took)| *took).min().expect("somebody waits");
    // Before anybody has waited in vain, and that is soon where nothing else is done.
    let soon = Duration::from_secs(if rounds() == 1 { 60 } else { 2 });
    let at_once = written
        .iter()
        .filter(|(answer, took)| is_refused(answer) && *took < first.min(soon))
        .count();
    // One place may be taken by who asks how grading is.
    assert!(at_once >= 8, "{at_once}");
    drop(bar);
    assert_eq!(write().await.0.status, 200);
}
