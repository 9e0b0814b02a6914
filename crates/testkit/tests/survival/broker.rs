//! A broker that dies, sleeps or has no room, while correctors work.

use std::cell::Cell;

use rustix::process::Signal;
use testkit::{System, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;

const UNSENT: &str = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL";
const TRIED: &str = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL AND attempts > 0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_again_and_again_loses_nothing_and_no_service_has_to_be_restarted() {
    let mut system = System::builder().impatient().own_broker().start().await;
    let corrector = Corrector::of(&system).await;
    let over = Cell::new(false);
    let broker = system.rabbitmq.as_mut().unwrap();
    let copies = || {
        system
            .database
            .texts("SELECT count(*)::text FROM grading.copies")
            .concat()
            .parse::<u32>()
            .unwrap()
    };
    let dying = async {
        for _ in 0..2 * rounds() {
            // In the midst of a copy, and never of the same.
            let before = copies();
            eventually("the next copy to be begun", async || match copies() {
                begun if begun > before => Ok(()),
                begun => Err(begun),
            })
            .await;
            // It takes a while to come back, in which the others go on.
            tokio::task::block_in_place(|| {
                broker.kill();
                broker.restart().unwrap();
            });
        }
        over.set(true);
    };
    let (done, ()) = tokio::join!(corrector.correct_until(&over, 400..), dying);
    let pids: Vec<u32> = system.services().map(testkit::Service::pid).collect();
    judge(&system, &done).await;
    evidence(format_args!(
        "the broker was killed {} times, the processes {pids:?} are those that were started",
        2 * rounds()
    ));
}

#[tokio::test]
async fn a_broker_that_sleeps_confirms_nothing_and_nothing_is_taken_for_sent() {
    let system = System::builder().impatient().own_broker().start().await;
    let corrector = Corrector::of(&system).await;
    let broker = system.rabbitmq.as_ref().unwrap().process().unwrap();
    broker.signal(Signal::STOP);
    let sleeping = async {
        eventually("the relay to give up waiting", async || {
            match system.count(TRIED) {
                0 => Err(0),
                _ => Ok(()),
            }
        })
        .await;
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
        "{waited} message waited for a broker that slept, and none was taken for sent"
    ));
}

#[tokio::test]
async fn a_broker_without_room_takes_no_messages_and_uploads_go_on() {
    let system = System::builder().impatient().own_broker().start().await;
    let corrector = Corrector::of(&system).await;
    let broker = system.rabbitmq.as_ref().unwrap();
    broker.ctl(&["set_disk_free_limit", "1000000GB"]).unwrap();
    let full = async {
        eventually("the relay to have tried", async || match system.count(TRIED) {
            0 => Err(0),
            _ => Ok(()),
        })
        .await;
        let waited = system.count(UNSENT);
        broker.ctl(&["set_disk_free_limit", "1MB"]).unwrap();
        waited
    };
    let (copy, waited) = tokio::join!(corrector.correct(460), full);
    assert_eq!(waited, 1);
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "a broker without room: the upload was accepted, its message waited and went out later"
    ));
}
