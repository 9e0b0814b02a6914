//! A broker that dies, sleeps or has no room, while correctors work.

use std::time::{Duration, Instant};

use korrigo::stack::RabbitMq;
use rustix::process::Signal;
use testkit::{System, Upload, corpus, eventually, evidence};
use tokio::time::sleep;

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;
use crate::servers::killed_while_people_work;

/// How long it sleeps: six of its heartbeats, after two of which a connection is given up.
const SLEEP: Duration = Duration::from_mins(1);
/// How long it is away: longer than anybody waits for anything, be it a request, a transaction, a lease or a message that has to be
/// announced again, but for an upload as a whole.
const OUTAGE: Duration = Duration::from_mins(3);
/// How often something is uploaded meanwhile.
const PAUSE: Duration = Duration::from_secs(5);
/// How soon after it is back nothing waits any more.
const DRAINED_WITHIN: Duration = Duration::from_secs(30);

/// How many messages a broker has before it has no more room.
const WAITING: u64 = 3;

const UNSENT: &str = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL";
const TRIED: &str = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL AND attempts > 0";

#[tokio::test]
async fn a_broker_that_is_killed_again_and_again_loses_nothing_and_no_service_has_to_be_restarted() {
    let system = System::builder().impatient().own_broker().start().await;
    killed_while_people_work::<RabbitMq>(system).await;
}

#[tokio::test]
async fn a_broker_that_sleeps_confirms_nothing_and_nothing_is_taken_for_sent() {
    let system = System::builder().impatient().own_broker().start().await;
    let corrector = Corrector::of(&system).await;
    let broker = system.rabbitmq.as_ref().unwrap().process().unwrap();
    broker.signal(Signal::STOP);
    let sleeping = async {
        let since = Instant::now();
        eventually("the relay to give up waiting", async || {
            match system.count(TRIED) {
                0 => Err(0),
                _ => Ok(()),
            }
        })
        .await;
        sleep(SLEEP.saturating_sub(since.elapsed())).await;
        assert_eq!(
            system.count("SELECT count(*) FROM grading.outbox WHERE sent_at IS NOT NULL"),
            0
        );
        let waits = system.count(UNSENT);
        broker.signal(Signal::CONT);
        waits
    };
    let (copy, waited) = tokio::join!(corrector.correct(450), sleeping);
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "{waited} message waited for a broker that slept for {SLEEP:?}, and none was taken for sent"
    ));
}

#[tokio::test]
async fn a_broker_that_is_away_for_longer_than_anybody_waits_holds_up_nobody_and_gets_all_messages() {
    let mut system = System::builder().own_broker().start().await;
    let corrector = Corrector::of(&system).await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let desk = corrector.at_work(480).await;
    let mut broker = system.rabbitmq.take().unwrap();
    broker.kill();
    // Who has a copy in hand corrects it to its end, but for the document.
    let written = desk.write(480).await;
    desk.finalize().await;
    let (since, mut uploads) = (Instant::now(), 0);
    while since.elapsed() < OUTAGE {
        let key = format!("away-{uploads}");
        let upload = Upload::new(&exam, corpus::scan(1, 4_800 + uploads), &key);
        teacher.upload(upload).await.expect(202);
        uploads += 1;
        sleep(PAUSE).await;
    }
    let waited = system.count(UNSENT);
    assert_eq!(waited, i64::try_from(uploads + 1).unwrap());
    let broker = tokio::task::spawn_blocking(move || {
        broker.restart().unwrap();
        broker
    });
    system.rabbitmq = Some(broker.await.unwrap());
    let back = Instant::now();
    system.announced().await;
    let sent = back.elapsed();
    assert!(rounds() == 1 || sent <= DRAINED_WITHIN, "{sent:?}");
    let copy = desk.graded(written).await;
    judge(&system, &[copy]).await;
    let imported = format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND page_count = 1");
    assert_eq!(system.count(&imported), i64::try_from(uploads).unwrap());
    evidence(format_args!(
        "the broker was away for {OUTAGE:?}: {uploads} uploads were accepted meanwhile and a copy was finalized; {waited} messages waited, \
         and were sent {sent:.1?} after it was back"
    ));
}

/// Lets it take so much memory.
fn memory(broker: &RabbitMq, most: &str) {
    broker
        .ctl(&["set_vm_memory_high_watermark", "absolute", most])
        .unwrap();
}

#[tokio::test]
async fn a_broker_without_room_takes_no_messages_uploads_go_on_and_so_do_consumers() {
    let system = System::builder().own_broker().start().await;
    let (corrector, teacher) = (Corrector::of(&system).await, system.teacher().await);
    let exam = system.exam().await;
    let broker = system.rabbitmq.as_ref().unwrap();
    // Messages that the broker has already, and nobody works on.
    let worker = system.workers.first().unwrap();
    worker.signal(Signal::STOP);
    for number in 0..WAITING {
        let key = format!("before-{number}");
        let upload = Upload::new(&exam, corpus::scan(1, 470 + number), &key);
        teacher.upload(upload).await.expect(202);
    }
    system.announced().await;
    memory(broker, "1MB");
    let full = async {
        eventually("the relay to have tried", async || match system.count(TRIED) {
            0 => Err(0),
            _ => Ok(()),
        })
        .await;
        worker.signal(Signal::CONT);
        let imported =
            format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}' AND page_count = 1");
        let all = i64::try_from(WAITING).unwrap();
        eventually("what the broker had to be done", async || {
            match system.count(&imported) {
                done if done == all => Ok(()),
                done => Err(done),
            }
        })
        .await;
        let waited = system.count(UNSENT);
        memory(broker, "512MiB");
        waited
    };
    let (copy, waited) = tokio::join!(corrector.correct(460), full);
    assert_ne!(waited, 0);
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "a broker without room: the upload was accepted, its message waited and went out later, and {WAITING} imports whose messages \
         the broker had were done meanwhile"
    ));
}
