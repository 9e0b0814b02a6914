//! Jobs: an old report is powerless, an ended job stays ended, and a forgotten one is found.

mod stuck;

use chrono::TimeDelta;
use domain::job::{Claim, Claimed, Failed, Job, Lease, Progress};
use domain::{FailureCode, JobId, JobState, Task};
use store::{Error, JobInput};

use crate::harness::{Bench, attempt};

const SOON: TimeDelta = TimeDelta::seconds(30);

async fn stored(bench: &Bench, id: JobId) -> Job {
    bench
        .tx(move |tx| tx.jobs().for_update(id))
        .await
        .expect("a look")
        .expect("the job is there")
}

async fn save(bench: &Bench, job: &Job) -> Result<(), Error> {
    let job = job.clone();
    bench.tx(move |tx| tx.jobs().save(&job)).await
}

async fn claimed(bench: &Bench, id: JobId) -> Job {
    let job = stored(bench, id).await;
    let claim = claim(bench).await;
    let Claimed::Granted(job) = job.claim(claim) else {
        panic!("the job is free")
    };
    save(bench, &job).await.expect("the claim is stored");
    job
}

async fn claim(bench: &Bench) -> Claim {
    let now = bench.now().await.expect("the time");
    Claim {
        worker: bench.ids.next(),
        now,
        lease: Lease(SOON),
    }
}

#[tokio::test]
async fn a_job_is_read_as_it_was_registered_and_knows_its_input() {
    let bench = Bench::new().await;
    let (copy, id) = bench.registered(b"scan").await;
    let (view, input) = bench
        .tx(move |tx| Ok((tx.jobs().get(id)?, tx.jobs().input_of(id)?)))
        .await
        .expect("a look");
    let view = view.expect("the job is there");
    assert_eq!(
        (view.job.id, view.job.task, view.job.owner),
        (id, Task::Import(copy.id), bench.teacher)
    );
    assert_eq!(
        (view.job.state, view.exam, view.finished_at),
        (JobState::Queued, bench.exam, None)
    );
    assert_eq!(view.request_id.as_str(), "request-0001");
    assert_eq!(
        input,
        Some(JobInput {
            exam: bench.exam,
            copy: copy.id,
            booklet: copy.booklets[0]
        })
    );
    let unknown = bench.ids.next();
    let nothing = bench
        .tx(move |tx| Ok((tx.jobs().get(unknown)?, tx.jobs().input_of(unknown)?)))
        .await;
    assert_eq!(nothing, Ok((None, None)));
}

#[tokio::test]
async fn every_step_of_a_job_is_stored_as_it_is() {
    let bench = Bench::new().await;
    let (_, id) = bench.registered(b"scan").await;
    let running = claimed(&bench, id).await;
    assert_eq!(stored(&bench, id).await, running);

    let progress = Progress { done: 1, total: 2 };
    let alive = running
        .heartbeat(1, progress, claim(&bench).await)
        .expect("the job is held");
    save(&bench, &alive).await.expect("a sign of life is stored");
    let still = alive
        .clone()
        .heartbeat(1, progress, claim(&bench).await)
        .expect("the job is held");
    assert_eq!(still.revision, alive.revision);
    save(&bench, &still)
        .await
        .expect("a sign of life without progress is stored");
    assert_eq!(stored(&bench, id).await, still);

    let now = bench.now().await.expect("the time");
    let Ok(Failed::Retry { job: waiting, .. }) = still.fail(1, FailureCode::Timeout, now) else {
        panic!("it is tried again")
    };
    save(&bench, &waiting).await.expect("the failure is stored");
    assert_eq!(stored(&bench, id).await, waiting);
}

#[tokio::test]
async fn what_was_decided_on_an_older_job_is_not_stored() {
    let bench = Bench::new().await;
    let (_, id) = bench.registered(b"scan").await;
    let first = claimed(&bench, id).await;
    let done = first.clone().succeed(1, 2).expect("the job is held");
    let handed_back = first.clone().hand_back(1).expect("the job is held");
    save(&bench, &handed_back).await.expect("handing back is stored");
    let stale = Err(Error::Stale { table: "jobs" });
    assert_eq!(save(&bench, &done).await, stale);
    assert_eq!(save(&bench, &first).await, stale);

    let second = claimed(&bench, id).await;
    let done = second.clone().succeed(2, 2).expect("the job is held");
    save(&bench, &done).await.expect("the success is stored");
    let too_late = second.hand_back(2).expect("it was held then");
    assert_eq!(save(&bench, &too_late).await, stale);
    let view = bench
        .tx(move |tx| tx.jobs().get(id))
        .await
        .expect("a look")
        .expect("the job is there");
    assert_eq!(view.job, done);
    assert!(view.finished_at.is_some());
}

#[tokio::test]
async fn the_database_itself_lets_no_job_go_back() {
    let bench = Bench::new().await;
    let (_, id) = bench.registered(b"scan").await;
    let app = bench.database.app_url();
    let done = claimed(&bench, id).await.succeed(1, 2).expect("the job is held");
    assert_eq!(
        attempt(&app, "UPDATE grading.jobs SET fence = 0"),
        Err("a job does not go back".to_owned())
    );
    save(&bench, &done).await.expect("the success is stored");
    assert_eq!(
        attempt(&app, "UPDATE grading.jobs SET progress_done = 1"),
        Err("an ended job does not change".to_owned())
    );
}

#[tokio::test]
async fn dead_leases_are_found_and_living_ones_left_alone() {
    let bench = Bench::new().await;
    let (_, dead) = bench.registered(b"one").await;
    let (_, alive) = bench.registered(b"two").await;
    bench.registered(b"three").await;
    let lease = claimed(&bench, dead).await.lease.expect("a lease");
    let living = claimed(&bench, alive).await.lease.expect("a lease");
    let found = |at| bench.tx(move |tx| tx.jobs().expired(at, 10));
    assert_eq!(
        found(lease.until - TimeDelta::microseconds(1)).await,
        Ok(Vec::new())
    );
    assert_eq!(found(lease.until).await, Ok(vec![dead]));
    assert_eq!(found(living.until).await, Ok(vec![dead, alive]));
}

#[tokio::test]
async fn a_waiting_job_without_a_message_is_found_and_others_are_not() {
    let bench = Bench::new().await;
    let (_, lost) = bench.registered(b"lost").await;
    let (_, unsent) = bench.registered(b"unsent").await;
    let (_, running) = bench.registered(b"running").await;
    let (_, back_off) = bench.registered(b"back-off").await;
    let (_, fresh) = bench.registered(b"fresh").await;
    claimed(&bench, running).await;
    bench.database.run(&format!(
        "SET session_replication_role = replica;
         UPDATE grading.jobs SET updated_at = now() - interval '5 minutes' WHERE id <> '{fresh}';
         UPDATE grading.jobs SET next_attempt_at = now() + interval '1 minute' WHERE id = '{back_off}';
         UPDATE grading.outbox SET sent_at = now() - interval '5 minutes' WHERE job_id <> '{unsent}'"
    ));
    let found = || bench.tx(|tx| tx.jobs().unannounced(TimeDelta::minutes(2), 10));
    assert_eq!(found().await, Ok(vec![lost]));

    // A message that has just left may still be on its way.
    bench.database.run(&format!(
        "UPDATE grading.outbox SET sent_at = now() WHERE job_id = '{lost}'"
    ));
    assert_eq!(found().await, Ok(Vec::new()));

    // The more messages there were, the longer the next one waits.
    for _further in 0..2 {
        let envelope = bench.envelope(lost);
        let enqueued = bench.tx(move |tx| tx.outbox().enqueue(&envelope)).await;
        assert_eq!(enqueued, Ok(()));
    }
    for (minutes, expected) in [(7, Vec::new()), (9, vec![lost])] {
        bench.database.run(&format!(
            "UPDATE grading.outbox SET sent_at = now() - interval '{minutes} minutes' WHERE job_id = '{lost}'"
        ));
        assert_eq!(found().await, Ok(expected), "after {minutes} minutes");
    }
}
