//! What the grading service answers decides what becomes of an attempt.
//!
//! The worker takes one message after the other: that the next one is worked on shows that the one before is
//! settled.

use domain::Digest;
use testkit::{corpus, eventually};

use crate::harness::Bench;
use crate::peer::Completing;

#[tokio::test]
async fn a_lost_lease_ends_the_attempt_at_once_and_nothing_is_reported() {
    let bench = Bench::start().await;
    let known = &bench.peer.known;
    // It would go on for minutes.
    let lost = bench.import(corpus::endless()).await;
    eventually("the claim", async || match known.claims(lost) {
        0 => Err(0),
        _ => Ok(()),
    })
    .await;
    known.lock().lost.push(lost.to_string());
    let next = bench.import(corpus::text(1)).await;
    bench.delivered(next, 1).await;
    bench.idle().await;
    assert_eq!((known.claims(lost), known.claims(next)), (1, 1));
    assert!(known.completions(lost).is_empty() && known.failures(lost).is_empty());
}

#[tokio::test]
async fn refused_pages_and_reported_failures_are_done_with() {
    let bench = Bench::start().await;
    let known = &bench.peer.known;
    known.lock().completing = Completing::Refuse;
    let refused = bench.import(corpus::text(2)).await;
    bench.delivered(refused, 1).await;
    known.lock().completing = Completing::Accept;
    let missing = bench.announce(Digest::of(b"not in the store")).await;
    let broken = bench.import(corpus::not_a_pdf()).await;
    let good = bench.import(corpus::text(1)).await;
    bench.delivered(good, 1).await;

    for job in [refused, missing, broken, good] {
        assert_eq!(known.claims(job), 1, "its message came once");
    }
    assert_eq!(known.completions(refused).len(), 1);
    assert!(known.failures(refused).is_empty());
    for (job, code, fence) in [(missing, "unknown", 2), (broken, "invalid_pdf", 3)] {
        let told = known.failures(job);
        let told: Vec<_> = told
            .iter()
            .map(|told| (told.error_code.as_str(), told.fence))
            .collect();
        assert_eq!(told, [(code, fence)]);
        assert!(known.completions(job).is_empty());
    }
    let good = known.completions(good);
    assert_eq!(
        good.first().map(|told| (told.fence, told.pages.len())),
        Some((4, 1))
    );
}

#[tokio::test]
async fn pages_that_grading_fails_at_again_and_again_are_made_anew_when_the_message_comes_back() {
    let bench = Bench::start().await;
    let known = &bench.peer.known;
    known.lock().completing = Completing::Break(4);
    let job = bench.import(corpus::text(1)).await;
    bench.delivered(job, 5).await;
    let fences: Vec<_> = known.completions(job).iter().map(|told| told.fence).collect();
    assert_eq!(fences, [1, 1, 1, 1, 2], "a few times under the first claim");
    assert_eq!(known.claims(job), 2);
    assert!(known.failures(job).is_empty(), "the document is not to blame");
    let job = job.to_string();
    let said = [("job_id", job.as_str()), ("error", "contracts::Problem::Problem")];
    bench.logged.wait_for("job.report_failed", &said).await;
}
