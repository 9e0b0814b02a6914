//! Servers that are killed while people work, and how soon all is well after each time.

use std::cell::Cell;
use std::time::{Duration, Instant};

use korrigo::stack::{Postgres, RabbitMq};
use testkit::{Client, Service, System, eventually, evidence};

use crate::corrector::{Corrector, work_goes_on};
use crate::ledger::judge;
use crate::rounds;

const DONE: &str = "SELECT count(*) FROM grading.jobs WHERE state = 'SUCCEEDED'";
/// How many people correct at a time.
const AT_A_TIME: usize = 4;
/// How long after a server is back, on a machine that does nothing else, people have to be answered.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// A server that comes back after it was killed.
pub(crate) trait Mortal: Send + 'static {
    const NAME: &'static str;
    /// How often it is killed at length.
    const KILLS: u32;
    /// How long after it is back, on a machine that does nothing else, nothing may wait any more.
    const WELL_WITHIN: Duration;

    fn of(system: &mut System) -> &mut Option<Self>
    where
        Self: Sized;

    fn die_and_come_back(&mut self);
}

impl Mortal for Postgres {
    const NAME: &'static str = "database";
    const KILLS: u32 = 6;
    // A message that was in the relay's hand is in nobody's until its lease is over, which is 30 seconds.
    const WELL_WITHIN: Duration = Duration::from_secs(40);

    fn of(system: &mut System) -> &mut Option<Self> {
        &mut system.postgres
    }

    fn die_and_come_back(&mut self) {
        self.kill();
        self.restart().unwrap();
    }
}

impl Mortal for RabbitMq {
    const NAME: &'static str = "broker";
    const KILLS: u32 = 20;
    const WELL_WITHIN: Duration = Duration::from_secs(30);

    fn of(system: &mut System) -> &mut Option<Self> {
        &mut system.rabbitmq
    }

    fn die_and_come_back(&mut self) {
        self.kill();
        self.restart().unwrap();
    }
}

/// What was waited for after each time that a server was back.
#[derive(Default)]
struct Waits {
    /// Until the first request was answered.
    answer: Duration,
    /// Until no message waited to be sent.
    sent: Duration,
    /// Until a worker had done a job.
    done: Duration,
}

/// Kills a server again and again while several people correct, who go on meanwhile as well as they can.
pub(crate) async fn killed_while_people_work<Server: Mortal>(mut system: System) {
    let corrector = Corrector::of(&system).await;
    let teacher = system.teacher().await;
    let pids = |system: &System| system.services().map(Service::pid).collect::<Vec<_>>();
    let before = pids(&system);
    let mut server = Server::of(&mut system).take().unwrap();
    let (over, kills) = (Cell::new(false), if rounds() == 1 { 1 } else { Server::KILLS });
    let dying = async {
        let mut longest = Waits::default();
        for _ in 0..kills {
            work_goes_on(&system.database).await;
            server = tokio::task::spawn_blocking(move || {
                server.die_and_come_back();
                server
            })
            .await
            .unwrap();
            let waits = well_again(&system, &teacher).await;
            longest.answer = longest.answer.max(waits.answer);
            longest.sent = longest.sent.max(waits.sent);
            longest.done = longest.done.max(waits.done);
        }
        over.set(true);
        (server, longest)
    };
    let (copies, (server, longest)) = tokio::join!(corrector.several_until(&over, AT_A_TIME, 4_000), dying);
    *Server::of(&mut system) = Some(server);
    judge(&system, &copies).await;
    assert_eq!(before, pids(&system), "no process was replaced");
    let Waits { answer, sent, done } = longest;
    let soon = answer <= ANSWERED_WITHIN && sent.max(done) <= Server::WELL_WITHIN;
    assert!(rounds() == 1 || soon, "{answer:?} {sent:?} {done:?}");
    evidence(format_args!(
        "the {} was killed {kills} times while {AT_A_TIME} people corrected, who went on; after it was back, at the latest, the first request \
         was answered after {answer:.1?}, no message waited after {sent:.1?} and a job was done after {done:.1?}; the processes {before:?} are those \
         that were started",
        Server::NAME
    ));
}

/// Waits until all is well again, beginning now. Somebody has to be at work.
async fn well_again(system: &System, teacher: &Client) -> Waits {
    let back = Instant::now();
    eventually("a request to be answered", async || {
        match teacher.get("/exams").await.status {
            200 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    let answer = back.elapsed();
    system.announced().await;
    let (sent, before) = (back.elapsed(), system.count(DONE));
    eventually("a job to be done", async || match system.count(DONE) {
        done if done > before => Ok(()),
        done => Err(done),
    })
    .await;
    Waits {
        answer,
        sent,
        done: back.elapsed(),
    }
}
