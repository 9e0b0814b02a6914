//! Pages are delivered once.

use serde_json::json;

use crate::harness::Grading;

#[tokio::test]
async fn pages_delivered_twice_are_stored_once_with_one_event_and_no_failure_follows() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let (copy, job) = (&registered.copy_id, &registered.job_id);
    let fence = worker.granted(job).await.fence;
    assert!(worker.complete(job, fence).await);
    assert!(worker.complete(job, fence).await, "it answers the same");
    assert_eq!(worker.fail(job, fence, "timeout").await, (false, false));
    assert!(!worker.hand_back(job, fence).await);
    assert!(worker.heartbeat(job, fence, (1, 2)).await);

    let stored = grading.copy(copy).await;
    assert_eq!((stored.status.as_str(), stored.page_count), ("STAGING", 2));
    assert_eq!(stored.error_code, "");
    let sizes: Vec<_> = stored.pages.iter().map(|page| (page.index, page.width)).collect();
    assert_eq!(sizes, [(0, 595.276), (1, 595.276)]);
    let state = grading.job(job).await;
    assert_eq!((state.state.as_str(), state.attempt), ("SUCCEEDED", 1));
    assert_eq!((state.done, state.total), (2, 2));

    let events = grading.events(copy).await;
    let [import] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((import.action.as_str(), import.seq), ("IMPORT", 1));
    assert_eq!(import.operation_id, *job, "the job is what it was part of");
    let metadata: serde_json::Value = serde_json::from_str(&import.metadata).expect("metadata is JSON");
    assert_eq!(metadata["success"], json!(true));
    assert_eq!((&metadata["pages"], &metadata["attempt"]), (&json!(2), &json!(1)));
}
