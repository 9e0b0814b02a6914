//! `kill -9` at every step: each place of `failpoint::Point`, while correctors work.

mod asked;
mod backstage;
mod closed;
mod office;
mod places;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use failpoint::Point;
use testkit::{Service, System, TestDatabase, Upload, corpus, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::{Copy, judge};
use crate::rounds;

/// The commands of people, reports of workers and tasks of its own that grading does as transactions on the way of a copy.
const TRANSACTIONS: &[&str] = &[
    "register_copy",
    "validate_copy",
    "acquire_lock",
    "create_annotation",
    "update_annotation",
    "delete_annotation",
    "set_score",
    "set_remark",
    "set_appreciation",
    "put_draft",
    "heartbeat_lock",
    "finalize_copy",
    "export_copy",
    "claim_job",
    "complete_import",
    "complete_finalize",
    "lease_outbox",
    "settle_outbox",
    "grow_audit_tree",
];

/// Whose place it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Victim {
    Gateway,
    Grading,
    Worker,
    /// A worker that cannot tell of a failure.
    Mute,
}

fn victim(point: Point) -> Victim {
    match point {
        Point::UploadPiece | Point::UploadStored | Point::Forwarded => Victim::Gateway,
        Point::Statement
        | Point::Commit
        | Point::Committed
        | Point::OutboxLeased
        | Point::OutboxPublished
        | Point::CheckpointWritten => Victim::Grading,
        Point::JobDelivered
        | Point::JobClaimed
        | Point::ResultStored
        | Point::JobDone
        | Point::JobReported => Victim::Worker,
        Point::ReportKept | Point::ReportTold => Victim::Mute,
    }
}

/// Every place of a victim, for the first time that it is reached, the second, and so on.
fn plans(of: Victim, times: u32) -> Vec<String> {
    let points = Point::ALL.iter().filter(|point| victim(**point) == of);
    points
        .flat_map(|point| (1..=times).map(move |time| format!("{}#{time}", point.as_str())))
        .collect()
}

#[tokio::test]
async fn a_gateway_that_is_killed_at_any_step_loses_nothing_that_it_has_acknowledged() {
    let mut system = System::start().await;
    let corrector = Corrector::of(&system).await;
    let plans = plans(Victim::Gateway, 2 * rounds());
    let gateway = system.gateways.first_mut().unwrap();
    let copies = work_while_dying(&corrector, (gateway, &system.database), &plans).await;
    judge(&system, &copies).await;
}

#[tokio::test]
async fn an_upload_whose_gateway_was_killed_and_that_nobody_sends_again_is_swept() {
    let mut system = System::builder().sweeping().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let mut left = BTreeSet::new();
    // It is the worker who sweeps: what is left is seen before.
    system.worker().kill();
    for point in [Point::UploadPiece, Point::UploadStored].map(Point::as_str) {
        let gateway = system.gateways.first_mut().unwrap();
        gateway.arm(point);
        gateway.kill();
        gateway.restart().await;
        let unanswered = teacher
            .try_upload(Upload::new(&exam, corpus::scan(1, 30), point))
            .await;
        assert!(unanswered.is_err(), "{point}");
        dies(gateway, point).await;
        let known = left.len();
        left.extend(system.blob_files());
        assert!(left.len() > known, "{point} leaves nothing to be swept");
    }
    let gateway = system.gateways.first_mut().unwrap();
    gateway.disarm();
    gateway.restart().await;
    system.worker().restart().await;
    eventually("what was left to be swept", async || match system.blob_files() {
        none if none.is_empty() => Ok(()),
        some => Err(some),
    })
    .await;
    assert_eq!(system.count("SELECT count(*) FROM grading.copies"), 0);
    evidence(format_args!(
        "{} files of uploads that nobody finished were swept",
        left.len()
    ));
}

#[tokio::test]
async fn a_grading_service_that_is_killed_between_any_two_statements_does_all_or_nothing() {
    let mut system = System::start().await;
    let corrector = Corrector::of(&system).await;
    let plans = between_statements(rounds());
    let victim = (&mut system.grading, &system.database);
    let copies = work_while_dying(&corrector, victim, &plans).await;
    judge(&system, &copies).await;
}

/// Before statements, before the commit and after the commit of each transaction; and the steps of the relay.
fn between_statements(rounds: u32) -> Vec<String> {
    let mut plans = Vec::new();
    for (place, transaction) in (0..).zip(TRANSACTIONS) {
        // Once through all of them, each transaction has one place, and others have others.
        let statement = |number: u32| format!("statement@{transaction}#{number}");
        let end = |end: &str| format!("{end}@{transaction}");
        match (rounds, place % 4) {
            (1, 0 | 2) => plans.push(statement(1 + place / 2 % 5)),
            (1, 1) => plans.push(end("commit")),
            (1, _) => plans.push(end("committed")),
            (_, _) => {
                plans.extend((1..4 * rounds).map(statement));
                plans.extend(["commit", "committed"].map(end));
            }
        }
    }
    for point in [
        Point::OutboxLeased,
        Point::OutboxPublished,
        Point::CheckpointWritten,
    ] {
        plans.extend((1..=rounds).map(|time| format!("{}#{time}", point.as_str())));
    }
    plans
}

/// Two correctors work until the service has died at all of these places, and has come back after each.
async fn work_while_dying(
    corrector: &Corrector,
    (service, database): (&mut Service, &TestDatabase),
    plans: &[String],
) -> Vec<Copy> {
    let over = &Cell::new(false);
    let dying = async {
        service.kill();
        for plan in plans {
            service.arm(plan);
            service.launch();
            dies(service, plan).await;
        }
        service.disarm();
        service.restart().await;
        over.set(true);
        evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
    };
    let correcting = corrector.several_until(over, 2, 1);
    let (copies, (), ()) = tokio::join!(correcting, dying, hurry(database, over));
    copies
}

/// Until it is over, the pauses before attempts and messages are not waited for.
async fn hurry(database: &TestDatabase, over: &Cell<bool>) {
    while !over.get() {
        database.hurry();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until a service has died where it was to, which is by no other means than that.
async fn dies(service: &mut Service, plan: &str) {
    let what = format!("{plan} to be reached");
    let status = eventually(&what, async || service.over().ok_or("it runs")).await;
    assert_eq!(status.signal(), Some(9), "{plan}: {status}");
}

/// Has grading, which was told where to die, do so and come back.
async fn killed(system: &mut System, plan: &str) {
    dies(&mut system.grading, plan).await;
    system.grading.disarm();
    system.grading.restart().await;
}

/// From now on grading dies there.
async fn armed(system: &mut System, plan: &str) {
    system.grading.kill();
    system.grading.arm(plan);
    system.grading.restart().await;
}

#[tokio::test]
async fn a_worker_that_is_killed_at_any_step_is_replaced_and_the_work_done_once() {
    let mut system = System::builder().impatient().start().await;
    let corrector = Corrector::of(&system).await;
    // A copy is two jobs, so at the least each place is reached twice.
    let round = |_| plans(Victim::Worker, rounds().min(2));
    let plans: Vec<String> = (0..rounds()).flat_map(round).collect();
    let mut copies = Vec::new();
    for (number, plan) in (100..).zip(&plans) {
        // One copy each: a job has three attempts, and not all of them are to end like this.
        let (worker, database) = (system.workers.first_mut().unwrap(), &system.database);
        worker.arm(plan);
        worker.kill();
        let dying = async {
            worker.launch();
            dies(worker, plan).await;
            database.end_leases();
            worker.disarm();
            worker.restart().await;
        };
        let over = Cell::new(false);
        let correcting = async {
            let copy = corrector.correct(number).await;
            over.set(true);
            copy
        };
        let (copy, (), ()) = tokio::join!(correcting, dying, hurry(database, &over));
        copies.push(copy);
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
    judge(&system, &copies).await;
    // However many attempts there were, one import and one document of each copy are counted.
    for kind in ["IMPORT_COPY", "FINALIZE_COPY"] {
        let labels = format!("kind=\"{kind}\",outcome=\"succeeded\"");
        let counted = system
            .grading
            .metric("grading_jobs_finished_total", &labels)
            .await;
        assert_eq!(counted.to_string(), copies.len().to_string(), "{kind}");
    }
}

#[tokio::test]
async fn a_failure_is_recorded_once_also_if_the_worker_is_killed_while_it_keeps_or_tells_it() {
    let mut system = System::builder().proxy().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let [kept, told] = [Point::ReportKept, Point::ReportTold].map(Point::as_str);
    let worker = system.workers.first_mut().unwrap();
    worker.kill();
    worker.arm(kept);
    worker.launch();
    let bar = system.database.bar("grading.grading_events");
    let upload = Upload::new(&exam, corpus::zero_pages(), "survival-mute");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    // Grading is told of the failure, and the worker does not learn that it was heard.
    bar.reached().await;
    let proxy = system.proxy.as_ref().unwrap();
    proxy.lose_replies(true);
    drop(bar);
    dies(worker, kept).await;
    proxy.lose_replies(false);
    worker.arm(told);
    worker.launch();
    dies(worker, told).await;
    worker.disarm();
    worker.restart().await;
    system.settle().await;
    let events = format!(
        "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}'
         AND metadata @> '{{\"success\": false, \"error_code\": \"empty_result\", \"attempt\": 1}}'"
    );
    assert_eq!(system.count(&events), 1);
    let worker = system.workers.first().unwrap();
    eventually("nothing to be kept any more", async || {
        let kept = worker.metric("grading_reports_kept", "").await;
        if kept > 0.0 { Err(kept) } else { Ok(()) }
    })
    .await;
}

#[tokio::test]
async fn a_service_refuses_to_start_with_a_place_to_die_at_that_does_not_exist() {
    let mut system = System::start().await;
    for service in [&mut system.grading]
        .into_iter()
        .chain(&mut system.gateways)
        .chain(&mut system.workers)
    {
        service.end().await;
        service.arm("no-such-place");
        service.launch();
        assert_eq!(service.ended().code(), Some(2));
        service.disarm();
        service.restart().await;
    }
}
