//! The grading service is away for a while.

use testkit::corpus;

use crate::harness::Bench;
use crate::peer::Completing;

#[tokio::test]
async fn claim_and_report_wait_for_grading_to_come_back_and_the_work_is_done_once() {
    let mut bench = Bench::without_peer().await;
    let job = bench.import(corpus::text(3)).await;
    bench.broker.wait_for_depth(broker::IMPORT_QUEUE, 0).await;
    assert_eq!(bench.peer.known.claims(job), 0, "there is nobody to ask");
    bench.peer.known.lock().completing = Completing::Hang;
    bench.peer.appear();
    bench.delivered(job, 1).await;
    // The pages have arrived, and it dies before it says so.
    bench.peer.vanish().await;
    bench.peer.known.lock().completing = Completing::Accept;
    bench.peer.appear();
    bench.delivered(job, 2).await;

    let next = bench.import(corpus::text(1)).await;
    bench.delivered(next, 1).await;
    let known = &bench.peer.known;
    assert_eq!((known.claims(job), known.claims(next)), (1, 1));
    let told = known.completions(job);
    let first = told.first().expect("the first report");
    assert_eq!(first.pages.len(), 3);
    assert!(
        told.iter().all(|again| again == first),
        "the same pages under the same fence"
    );
    assert!(known.failures(job).is_empty());
}
