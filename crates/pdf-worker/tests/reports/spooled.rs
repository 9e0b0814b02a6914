//! A failure that cannot be told is kept, and told later, whatever happens in between.

use domain::JobId;
use testkit::corpus;

use crate::harness::Bench;
use crate::peer::Completing;

/// What an answer that is none, or a refusal, is in the log.
const PROBLEM: &str = "contracts::Problem::Problem";

/// A job whose failure has arrived at a grading service that died before it said so.
async fn untold(bench: &mut Bench) -> JobId {
    bench.peer.known.lock().failing = Completing::Hang;
    let job = bench.import(corpus::not_a_pdf()).await;
    bench.failed(job, 1).await;
    bench.peer.vanish().await;
    bench.kept("report", 1).await;
    let said = job.to_string();
    let said = [("job_id", said.as_str()), ("fence", "1"), ("error", PROBLEM)];
    bench.logged.wait_for("job.report_kept", &said).await;
    bench.peer.known.lock().failing = Completing::Accept;
    job
}

#[tokio::test]
async fn a_failure_outlives_its_worker_and_is_told_by_the_next_one() {
    let mut bench = Bench::start().await;
    let job = untold(&mut bench).await;
    // That the worker takes another message shows that the one before is settled.
    let next = bench.import(corpus::text(1)).await;
    bench.broker.wait_for_depth(broker::IMPORT_QUEUE, 0).await;
    bench.kill_worker();
    bench.start_worker();
    bench.peer.appear();
    bench.failed(job, 2).await;
    bench.kept("report", 0).await;
    let known = &bench.peer.known;
    let told = known.failures(job);
    assert_eq!(told.first(), told.last(), "the same worker, fence and code");
    bench.delivered(next, 1).await;
    assert_eq!((known.claims(job), known.failures(job).len()), (1, 2));
    let said = job.to_string();
    let said = [("job_id", said.as_str()), ("fence", "1"), ("accepted", "true")];
    bench.logged.wait_for("job.report_replayed", &said).await;
}

#[tokio::test]
async fn a_worker_goes_on_while_a_failure_waits_and_one_that_comes_too_late_is_done_with() {
    let bench = Bench::start().await;
    bench.peer.known.lock().failing = Completing::Break(u32::MAX);
    let job = bench.import(corpus::not_a_pdf()).await;
    bench.kept("report", 1).await;
    let next = bench.import(corpus::text(1)).await;
    bench.delivered(next, 1).await;
    bench.kept("report", 1).await;
    bench.peer.known.lock().failing = Completing::Refuse;
    bench.kept("report", 0).await;
    assert_eq!(bench.peer.known.claims(job), 1);
}

#[tokio::test]
async fn a_report_that_was_torn_is_set_aside_and_keeps_no_other_from_being_told() {
    let mut bench = Bench::start().await;
    let job = untold(&mut bench).await;
    std::fs::write(bench.reports().join("0.torn.report"), "half a rep").expect("it can be written");
    bench.kept("aside", 1).await;
    bench.logged.wait_for("job.report_unreadable", &[]).await;
    bench.peer.appear();
    bench.failed(job, 2).await;
    bench.kept("report", 0).await;
    bench.kept("aside", 1).await;
}

#[tokio::test]
async fn a_report_that_grading_will_never_understand_is_set_aside() {
    let mut bench = Bench::start().await;
    let job = untold(&mut bench).await;
    bench.peer.known.lock().failing = Completing::Reject;
    bench.peer.appear();
    bench.kept("aside", 1).await;
    bench.kept("report", 0).await;
    let said = job.to_string();
    let said = [("job_id", said.as_str()), ("fence", "1"), ("error", PROBLEM)];
    bench.logged.wait_for("job.report_refused", &said).await;
    // Set aside is done with.
    let next = bench.import(corpus::text(1)).await;
    bench.delivered(next, 1).await;
    assert_eq!(bench.peer.known.failures(job).len(), 2);
}

#[tokio::test]
async fn a_failure_that_can_be_neither_told_nor_kept_is_repeated_until_grading_listens() {
    let mut bench = Bench::start().await;
    bench.peer.known.lock().failing = Completing::Hang;
    let job = bench.import(corpus::not_a_pdf()).await;
    bench.failed(job, 1).await;
    bench.take_reports_away();
    bench.peer.vanish().await;
    let said = job.to_string();
    let no_directory = ("error", "std::Error::io::NotADirectory");
    let said = [("job_id", said.as_str()), no_directory];
    bench.logged.wait_for("job.report_not_kept", &said).await;
    bench
        .logged
        .wait_for("job.reports_unavailable", &[no_directory])
        .await;
    bench.peer.known.lock().failing = Completing::Accept;
    bench.peer.appear();
    bench.failed(job, 2).await;
    let next = bench.import(corpus::text(1)).await;
    bench.delivered(next, 1).await;
    assert_eq!(bench.peer.known.claims(job), 1);
}
