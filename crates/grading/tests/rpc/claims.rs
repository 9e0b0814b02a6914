//! Who gets a job, and whose reports on it count.

use contracts::grading::granted::Input;
use contracts::grading::not_granted::Reason;
use domain::{Digest, JobId};

use crate::harness::Grading;

#[tokio::test]
async fn a_claim_is_granted_with_all_that_the_work_needs_or_says_why_not() {
    let grading = Grading::start().await;
    let (one, other) = (grading.worker(), grading.worker());
    let nothing: JobId = grading.ids.next();
    assert_eq!(one.not_granted(&nothing.to_string()).await, Reason::Unknown);

    let request = grading.signed(grading.registration(b"scan", "key-1"));
    let answer = grading.copies().register(request).await.expect("a registration");
    let (copy, job) = (answer.get_ref().copy_id.clone(), answer.get_ref().job_id.clone());
    let granted = one.granted(&job).await;
    assert_eq!(
        (granted.fence, granted.attempt, granted.lease_milliseconds),
        (1, 1, 3_600_000)
    );
    let Some(Input::Import(input)) = granted.input else {
        panic!("it comes without its input")
    };
    assert_eq!(
        (input.copy_id, input.source_digest, input.source_bytes),
        (copy, Digest::of(b"scan").to_string(), 1_000)
    );
    assert_eq!(other.not_granted(&job).await, Reason::Leased);

    assert_eq!(one.fail(&job, 1, "timeout").await, (true, true));
    grading.next_attempt("now() + interval '1 day'");
    assert_eq!(other.not_granted(&job).await, Reason::NotDue);
    grading.next_attempt("now()");
    let second = other.granted(&job).await;
    assert_eq!((second.fence, second.attempt), (2, 2));
    assert!(other.complete(&job, second.fence).await);
    assert_eq!(one.not_granted(&job).await, Reason::Finished);
    assert_eq!(other.not_granted(&job).await, Reason::Finished);
    for (job, reason) in [
        (nothing.to_string().as_str(), "unknown"),
        (&job, "leased"),
        (&job, "not_due"),
        (&job, "finished"),
    ] {
        let said = [("job_id", job), ("reason", reason)];
        grading.logged.wait_for("job.claim_refused", &said).await;
    }
}

#[tokio::test]
async fn a_worker_that_claims_again_has_the_same_attempt_and_its_first_fence_is_powerless() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let (copy, job) = (&registered.copy_id, &registered.job_id);
    let first = worker.granted(job).await;
    assert!(!worker.heartbeat(job, first.fence, (1, 3)).await);
    let again = worker.granted(job).await;
    assert_eq!((first.attempt, again.attempt), (1, 1));
    assert!(again.fence > first.fence);

    worker.assert_powerless(job, first.fence).await;
    worker.assert_powerless(job, again.fence + 1).await;
    let state = grading.job(job).await;
    assert_eq!((state.state.as_str(), state.attempt), ("RUNNING", 1));
    assert_eq!((state.done, state.total), (0, 0), "it begins from the start");
    assert_eq!(grading.copy(copy).await.page_count, 0);
    assert_eq!((grading.rows("pages"), grading.rows("grading_events")), (0, 0));

    assert!(!worker.heartbeat(job, again.fence, (1, 2)).await);
    let state = grading.job(job).await;
    assert_eq!((state.done, state.total), (1, 2));
    assert!(worker.complete(job, again.fence).await);
}
