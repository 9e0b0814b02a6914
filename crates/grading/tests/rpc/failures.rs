//! Attempts that fail are counted, those that are handed back are not.

use broker::IMPORT_QUEUE;
use contracts::grading::not_granted::Reason;
use serde_json::json;

use crate::harness::Grading;

#[tokio::test]
async fn a_failure_reported_twice_answers_the_same_and_counts_once() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let job = &registered.job_id;
    let fence = worker.granted(job).await.fence;
    assert_eq!(worker.fail(job, fence, "timeout").await, (true, true));
    let once = grading.job(job).await;
    assert_eq!((once.state.as_str(), once.attempt), ("QUEUED", 1));
    assert_eq!(once.error_code, "timeout");
    assert!(once.next_attempt_at.is_some());

    assert_eq!(worker.fail(job, fence, "timeout").await, (true, true));
    assert_eq!(grading.job(job).await, once);
    assert_eq!(grading.rows("outbox"), 2, "the job is announced again, once");
    assert!(!worker.complete(job, fence).await);
    assert_eq!(grading.copy(&registered.copy_id).await.error_code, "");
    assert_eq!(grading.rows("grading_events"), 0, "it is not over yet");
}

#[tokio::test]
async fn the_third_failure_ends_the_job_and_the_copy_and_its_trail_say_why() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let (copy, job) = (&registered.copy_id, &registered.job_id);
    for attempt in 1..=3 {
        grading.next_attempt("now()");
        let granted = worker.granted(job).await;
        assert_eq!(granted.attempt, attempt);
        let code = if attempt == 3 { "timeout" } else { "unknown" };
        let answer = (true, attempt < 3);
        assert_eq!(worker.fail(job, granted.fence, code).await, answer);
        assert_eq!(worker.fail(job, granted.fence, code).await, answer);
    }
    assert_eq!(worker.not_granted(job).await, Reason::Finished);
    let state = grading.job(job).await;
    assert_eq!((state.state.as_str(), state.attempt), ("FAILED", 3));
    assert_eq!(state.error_code, "timeout");
    let stored = grading.copy(copy).await;
    assert_eq!((stored.status.as_str(), stored.page_count), ("STAGING", 0));
    assert_eq!(stored.error_code, "timeout");

    let events = grading.events(copy).await;
    let [import] = events.as_slice() else {
        panic!("{events:?}")
    };
    let metadata: serde_json::Value = serde_json::from_str(&import.metadata).expect("metadata is JSON");
    assert_eq!(
        (import.action.as_str(), &metadata["success"]),
        ("IMPORT", &json!(false))
    );
    assert_eq!(metadata["error_code"], json!("timeout"));
    assert_eq!((&metadata["pages"], &metadata["attempt"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn a_job_handed_back_waits_for_the_next_worker_at_once_and_the_attempt_does_not_count() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let job = &registered.job_id;
    for _ in 0..4 {
        let granted = worker.granted(job).await;
        assert_eq!(granted.attempt, 1, "however often it was handed back");
        assert!(worker.hand_back(job, granted.fence).await);
        worker.assert_powerless(job, granted.fence).await;
    }
    let state = grading.job(job).await;
    assert_eq!((state.state.as_str(), state.attempt), ("QUEUED", 0));
    assert_eq!(state.next_attempt_at, None, "it is due at once");
    grading.broker.wait_for_depth(IMPORT_QUEUE, 5).await;

    let granted = worker.granted(job).await;
    assert_eq!(
        worker.fail(job, granted.fence, "invalid_pdf").await,
        (true, false)
    );
    let state = grading.job(job).await;
    assert_eq!((state.state.as_str(), state.attempt), ("FAILED", 1));
    assert_eq!(grading.copy(&registered.copy_id).await.error_code, "invalid_pdf");
    assert_eq!(grading.rows("outbox"), 5, "nothing more is announced");
}
