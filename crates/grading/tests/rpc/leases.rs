//! A worker that says nothing for a lease has lost its job.

use testkit::eventually;

use crate::harness::Grading;

#[tokio::test]
async fn the_job_of_a_worker_that_fell_silent_goes_to_another_and_its_report_is_late() {
    let grading = Grading::start_with(&["--job-lease=500ms", "--reconcile-interval=100ms"]).await;
    let (silent, registered) = (grading.worker(), grading.registered().await);
    let (copy, job) = (&registered.copy_id, &registered.job_id);
    let first = silent.granted(job).await;
    let waiting = eventually("the lease to be closed", async || {
        let state = grading.job(job).await;
        if state.state == "QUEUED" {
            Ok(state)
        } else {
            Err(state)
        }
    })
    .await;
    assert_eq!((waiting.attempt, waiting.error_code.as_str()), (1, "unknown"));
    assert!(waiting.next_attempt_at.is_some());
    assert_eq!(grading.rows("outbox"), 2, "the job is announced again");
    let said = [("job_id", job.as_str()), ("reason", "lease_expired")];
    grading.logged.wait_for("job.reconciled", &said).await;

    silent.assert_powerless(job, first.fence).await;
    assert_eq!(grading.job(job).await, waiting);
    assert_eq!((grading.rows("pages"), grading.rows("grading_events")), (0, 0));

    grading.next_attempt("now()");
    let second = grading.worker().granted(job).await;
    assert_eq!((second.attempt, second.fence), (2, first.fence + 1));
    silent.assert_powerless(job, first.fence).await;
    assert_eq!(grading.copy(copy).await.page_count, 0);
}

#[tokio::test]
async fn a_lease_that_cannot_be_closed_is_told_of_and_closed_when_it_can() {
    let grading = Grading::start_with(&["--job-lease=500ms", "--reconcile-interval=100ms"]).await;
    let (first, second) = (grading.registered().await, grading.registered().await);
    let job = &first.job_id;
    // Nothing that happens to this job can be stored.
    grading.database.run(&format!(
        "CREATE FUNCTION grading.bar_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF NEW.state = 'QUEUED' AND OLD.id = '{job}' THEN RAISE EXCEPTION 'not now'; END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER bar_job BEFORE UPDATE ON grading.jobs FOR EACH ROW EXECUTE FUNCTION grading.bar_job()"
    ));
    for registered in [&first, &second] {
        grading.worker().granted(&registered.job_id).await;
    }
    let said = [
        ("job_id", job.as_str()),
        ("error", "grading::Error::Store: Failed"),
    ];
    grading.logged.wait_for("job.not_reconciled", &said).await;
    // It does not stand in the way of the other.
    let other = [("job_id", second.job_id.as_str()), ("reason", "lease_expired")];
    grading.logged.wait_for("job.reconciled", &other).await;
    grading.database.run("DROP TRIGGER bar_job ON grading.jobs");
    let said = [("job_id", job.as_str()), ("reason", "lease_expired")];
    grading.logged.wait_for("job.reconciled", &said).await;
    assert_eq!(grading.job(job).await.state, "QUEUED");
}
