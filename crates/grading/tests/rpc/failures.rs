//! Attempts that fail are counted, those that are handed back are not.

use broker::IMPORT_QUEUE;
use contracts::grading as pb;
use contracts::grading::not_granted::Reason;
use domain::Digest;
use serde_json::json;

use crate::harness::Grading;
use crate::worker::page;

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

/// A scan that is to be taken apart, and the job.
async fn scan(grading: &Grading) -> pb::RegisterBatchReply {
    grading
        .database
        .run("UPDATE grading.exams SET pages_per_copy = 2");
    let request = grading.signed(pb::RegisterBatchRequest {
        exam_id: grading.exam.to_string(),
        source_digest: Digest::of(b"a scan of many").to_string(),
        source_bytes: 1_000,
        idempotency_key: "key-1".to_owned(),
    });
    let answer = grading.batches().register(request).await;
    answer.expect("a batch").into_inner()
}

#[tokio::test]
async fn attempts_to_take_a_scan_apart_are_told_of_until_the_last_one_is() {
    let grading = Grading::start().await;
    let pb::RegisterBatchReply { batch_id, job_id } = scan(&grading).await;
    let worker = grading.worker();
    for (attempt, event) in [
        ("1", "split.attempt_failed"),
        ("2", "split.attempt_failed"),
        ("3", "split.exhausted"),
    ] {
        grading.next_attempt("now()");
        let fence = worker.granted(&job_id).await.fence;
        assert!(worker.fail(&job_id, fence, "timeout").await.0);
        let said = [
            ("batch_id", batch_id.as_str()),
            ("job_id", &job_id),
            ("error", "timeout"),
            ("attempt", attempt),
        ];
        grading.logged.wait_for(event, &said).await;
    }
    let ended = grading.job(&job_id).await;
    assert_eq!(
        (ended.state.as_str(), ended.error_code.as_str()),
        ("FAILED", "timeout")
    );
}

#[tokio::test]
async fn a_scan_that_takes_too_much_room_apart_is_given_up_at_once() {
    let grading = Grading::start().await;
    let job = scan(&grading).await.job_id;
    let worker = grading.worker();
    let fence = worker.granted(&job).await.fence;
    assert_eq!(worker.fail(&job, fence, "page_too_large").await, (true, false));
    let ended = grading.job(&job).await;
    assert_eq!(
        (ended.state.as_str(), ended.error_code.as_str()),
        ("FAILED", "page_too_large")
    );
}

#[tokio::test]
async fn an_attempt_to_read_who_wrote_a_copy_that_fails_is_told_of() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let (copy, import) = (&registered.copy_id, &registered.job_id);
    let fence = worker.granted(import).await.fence;
    let mut completion = worker.completion(import, fence, 1);
    completion.pages = vec![pb::ImportedPage {
        identity: page(1).display,
        ..page(0)
    }];
    let imported = grading.work().complete_import(completion).await;
    assert!(imported.expect("an answer").into_inner().accepted);
    let request = pb::OrderReadingRequest {
        copy_id: copy.clone(),
    };
    let request = grading.signed_by_admin(request).await;
    let ordered = grading.identities().order_reading(request).await;
    let job = ordered.expect("it is ordered").into_inner().job_id;
    let fence = worker.granted(&job).await.fence;
    assert_eq!(worker.fail(&job, fence, "ocr_timeout").await, (true, true));
    let said = [
        ("copy_id", copy.as_str()),
        ("job_id", &job),
        ("error", "ocr_timeout"),
        ("attempt", "1"),
    ];
    grading.logged.wait_for("reading.failed", &said).await;
}
