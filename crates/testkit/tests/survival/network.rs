//! Between the gateway and grading: a network that is slow, cuts, or swallows.

use std::cell::Cell;
use std::time::{Duration, Instant};

use testkit::{System, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rounds;

#[tokio::test]
async fn a_network_that_is_slow_cuts_or_swallows_answers_costs_time_and_nothing_else() {
    let system = System::builder().gradings(2).start().await;
    let corrector = Corrector::of(&system).await;
    let (over, front) = (Cell::new(false), &system.front);
    let pause = async |milliseconds| tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    let failing = async {
        for _ in 0..3 * rounds() {
            front.latency(Duration::from_millis(50));
            pause(500).await;
            front.latency(Duration::ZERO);
            for _ in 0..5 {
                front.cut();
                pause(70).await;
            }
            front.lose_replies(true);
            pause(300).await;
            front.lose_replies(false);
            front.hold_replies(true);
            pause(300).await;
            front.hold_replies(false);
            pause(100).await;
        }
        over.set(true);
    };
    let (copies, ()) = tokio::join!(corrector.correct_until(&over, 600..), failing);
    judge(&system, &copies).await;
    evidence(format_args!(
        "{} rounds of latency, resets, lost answers and silence between gateway and grading",
        3 * rounds()
    ));
}

#[tokio::test]
async fn a_network_that_swallows_everything_is_told_of_within_the_deadline_and_holds_up_nothing_after_it() {
    let mut system = System::builder().gradings(2).start().await;
    let teacher = system.teacher().await;
    let gateway = system.gateways.first_mut().unwrap();
    gateway.set("KORRIGO_GRADING_TIMEOUT", "1s");
    gateway.replace().await;
    system.front.pause(true);
    let since = Instant::now();
    let answers = futures::future::join_all((0..200).map(|_| teacher.get("/exams"))).await;
    let longest = since.elapsed();
    // A read is asked a second time; more often it is not.
    assert!(rounds() == 1 || longest < Duration::from_secs(4), "{longest:?}");
    let codes = |wanted: u16| answers.iter().filter(|answer| answer.status == wanted).count();
    let (timeouts, shed) = (codes(504), codes(503));
    assert_eq!(timeouts + shed, answers.len());
    system.front.pause(false);
    system.front.cut();
    let since = Instant::now();
    let patience = Duration::from_secs(if rounds() == 1 { 60 } else { 10 });
    while teacher.get("/exams").await.status != 200 {
        assert!(since.elapsed() < patience, "it does not come back");
    }
    evidence(format_args!(
        "of 200 requests into silence {timeouts} were given up and {shed} refused, within {longest:.1?}; \
         after it the first was answered after {:.1?}",
        since.elapsed()
    ));
}
