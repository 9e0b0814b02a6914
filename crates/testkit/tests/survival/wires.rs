//! Between services and their servers: a network that is slow, narrow, cut, half closed, or a black hole.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use futures::future::join_all;
use testkit::proxy::{Proxy, Way};
use testkit::{Client, System, Upload, corpus, eventually, evidence};
use tokio::time::sleep;

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;

/// How many ask at a time while nobody can be told anything.
const ASKING: usize = 40;
/// A slow network, and a narrow one: so many bytes in a second.
const SLOW: Duration = Duration::from_secs(2);
const NARROW: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

#[tokio::test]
async fn a_network_before_the_database_that_is_slow_narrow_cut_or_half_closed_loses_no_acknowledged_write() {
    let system = System::builder().wires().start().await;
    let corrector = Corrector::of(&system).await;
    let (over, wire) = (Cell::new(false), &system.wires.as_ref().unwrap().database);
    let failing = async {
        for _ in 0..rounds() {
            misbehave(wire).await;
            wire.swallow(true);
            sleep(SLOW).await;
            wire.swallow(false);
        }
        over.set(true);
    };
    // The corrector takes 503 and 504 for nobody there; anything else of that kind fails the test.
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 2_000..), failing);
    judge(&system, &copies).await;
    evidence(format_args!(
        "{} rounds of latency, narrowness, resets, half-closed connections and silence between grading and its database",
        rounds()
    ));
}

#[tokio::test]
async fn a_network_before_the_broker_that_is_slow_narrow_cut_or_half_closed_loses_no_message_and_no_upload() {
    let system = System::builder().impatient().wires().start().await;
    let corrector = Corrector::of(&system).await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let (over, wire) = (Cell::new(false), &system.wires.as_ref().unwrap().broker);
    let failing = async {
        for round in 0..rounds() {
            misbehave(wire).await;
            wire.swallow(true);
            let key = format!("wire-{round}");
            let upload = Upload::new(&exam, corpus::scan(1, 2_100 + u64::from(round)), &key);
            let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
            given_up(&system, &copy).await;
            wire.swallow(false);
        }
        over.set(true);
    };
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 2_200..), failing);
    judge(&system, &copies).await;
    let imported = format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND page_count = 1");
    assert_eq!(system.count(&imported), i64::from(rounds()));
    evidence(format_args!(
        "{} rounds of latency, narrowness, resets, half-closed connections and silence before the broker: uploads were accepted, \
         and no message was taken for sent that nobody had confirmed",
        rounds()
    ));
}

/// Everything that a network does to connections that are there, but for a black hole. Its pauses are how long each lasts.
async fn misbehave(wire: &Proxy) {
    wire.latency(SLOW);
    sleep(SLOW + SLOW / 2).await;
    wire.latency(Duration::ZERO);
    wire.bandwidth(Some(NARROW));
    sleep(SLOW).await;
    wire.bandwidth(None);
    for _ in 0..5 {
        wire.cut();
        sleep(SLOW / 20).await;
    }
    for way in [Way::Request, Way::Reply] {
        wire.half_close(way);
        sleep(SLOW / 4).await;
    }
}

/// Waits until the relay has tried to send what tells of this copy, or knows that it cannot, and has not taken it for sent.
async fn given_up(system: &System, copy: &str) {
    let unsent = |like: &str| {
        system.count(&format!(
            "SELECT count(*) FROM grading.outbox JOIN grading.jobs ON jobs.id = outbox.job_id
             WHERE copy_id = '{copy}' AND sent_at IS NULL AND {like}"
        ))
    };
    eventually("the relay to give up waiting", async || {
        let connected = system.grading.metric("broker_connected", "publisher").await;
        let tried = unsent("attempts > 0");
        if tried > 0 || connected < 0.5 {
            Ok(())
        } else {
            Err((tried, connected))
        }
    })
    .await;
    assert_eq!(unsent("true"), 1);
}

#[tokio::test]
async fn a_database_behind_a_black_hole_is_told_of_with_codes_and_comes_back_by_itself() {
    let system = System::builder().wires().start().await;
    let (corrector, teacher) = (Corrector::of(&system).await, system.teacher().await);
    let wire = &system.wires.as_ref().unwrap().database;
    // Once the network comes back as it was; once it knows none of the connections any more.
    wire.swallow(true);
    let held = told(&teacher).await;
    assert_ne!(held.refused, 0, "nothing was swallowed");
    wire.swallow(false);
    let back = comes_back(&teacher).await;
    wire.forget();
    let since = Instant::now();
    let forgotten = told(&teacher).await;
    assert_eq!(
        forgotten.late, 0,
        "grading gives a connection up before its callers do"
    );
    comes_back(&teacher).await;
    let replaced = since.elapsed();
    let copy = corrector.correct(2_300).await;
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "{ASKING} requests into a black hole were told of it within {:.1?}, and the first after it was answered after {back:.1?}; \
         when it swallowed the connections for ever, {ASKING} were told something within {:.1?} and all was well again \
         {replaced:.1?} after it began",
        held.within, forgotten.within
    ));
}

/// What those were told who asked while nobody may have been there.
struct Told {
    /// How long the last answer took.
    within: Duration,
    /// How many were told that it cannot be done now.
    refused: usize,
    /// How many of them only that it took too long.
    late: usize,
}

/// Asks while nobody may be there. Every answer has its code, and may be asked for again.
async fn told(teacher: &Client) -> Told {
    let since = Instant::now();
    let answers = join_all((0..ASKING).map(|_| teacher.get("/exams"))).await;
    let within = since.elapsed();
    let late = answers.iter().filter(|answer| answer.status == 504).count();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    for answer in &refused {
        let told = (answer.status, answer.text("/code"));
        let known = [(503, "unavailable"), (504, "timeout")].map(|(status, code)| (status, code.to_owned()));
        assert!(known.contains(&told), "{told:?}");
    }
    Told {
        within,
        refused: refused.len(),
        late,
    }
}

/// Waits until everybody is answered. How long the first had to wait.
async fn comes_back(teacher: &Client) -> Duration {
    let since = Instant::now();
    let mut first = None;
    eventually("everybody to be answered", async || {
        let answers = join_all((0..ASKING).map(|_| teacher.get("/exams"))).await;
        let answered = answers.iter().filter(|answer| answer.status == 200).count();
        if answered > 0 && first.is_none() {
            first = Some(since.elapsed());
        }
        if answered == ASKING { Ok(()) } else { Err(answered) }
    })
    .await;
    first.unwrap_or_default()
}

#[tokio::test]
async fn what_is_garbled_on_the_way_to_grading_the_database_or_the_broker_loses_and_doubles_nothing() {
    let system = System::builder().gradings(2).impatient().wires().start().await;
    let corrector = Corrector::of(&system).await;
    let (over, wires) = (Cell::new(false), system.wires.as_ref().unwrap());
    let garbling = async {
        let mut replaced = [0; 3];
        for _ in 0..3 * rounds() {
            for (wire, replaced) in [&system.front, &wires.database, &wires.broker]
                .into_iter()
                .zip(&mut replaced)
            {
                for way in [Way::Request, Way::Reply] {
                    let before = wire.connections();
                    wire.garble(way);
                    // Who has noticed has hung up, and connects anew.
                    wire.wait_for_connections(before + 1).await;
                    *replaced += 1;
                }
            }
        }
        over.set(true);
        replaced
    };
    // The corrector takes 503 and 504 for nobody there; anything else of that kind fails the test.
    let (copies, replaced) = tokio::join!(corrector.correct_until(&over, 2_400..), garbling);
    judge(&system, &copies).await;
    let [grading, database, broker] = replaced;
    evidence(format_args!(
        "messages were garbled {grading} times between gateway and grading, {database} times before the database and {broker} times \
         before the broker: each time it was noticed, and the connection was replaced"
    ));
}
