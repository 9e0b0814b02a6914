//! Without the database.

use contracts::grading as pb;
use contracts::{Code, Problem};
use domain::Digest;
use testkit::{TestDatabase, eventually};

use crate::harness::{Grading, code};

const CONNECTED: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'korrigo_app' AND datname = current_database()";

#[tokio::test]
async fn without_its_database_every_call_is_unavailable_and_the_service_comes_back_by_itself() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let job = &registered.job_id;
    let fence = worker.granted(job).await.fence;
    leave(&grading.database).await;

    let told = refusals(&grading, worker.completion(job, fence, 2)).await;
    assert_eq!(told, [Code::Unavailable; 8]);
    grading.logged.wait_for("outbox.relay_failed", &[]).await;

    grading.database.let_services_in();
    eventually("the service to find its database again", async || {
        let request = worker.completion(job, fence, 2);
        let answer = grading.work().complete_import(request).await;
        answer.map_err(|status| Problem::from(&status))
    })
    .await;
    assert_eq!(grading.job(job).await.state, "SUCCEEDED");
    assert_eq!(grading.rows("copies"), 1);
}

async fn leave(database: &TestDatabase) {
    eventually("the connections to end", async || {
        // Again for one that was just being made.
        database.shut_services_out();
        match database.count(CONNECTED) {
            0 => Ok(()),
            left => Err(left),
        }
    })
    .await;
}

/// What is told to a worker that has a job and to a person, who all ask at once.
async fn refusals(grading: &Grading, completion: pb::CompleteImportRequest) -> [Code; 8] {
    let (job_id, worker_id, fence) = (
        completion.job_id.clone(),
        completion.worker_id.clone(),
        completion.fence,
    );
    let claim = pb::ClaimRequest {
        job_id: job_id.clone(),
        worker_id: worker_id.clone(),
    };
    let heartbeat = pb::HeartbeatRequest {
        job_id: job_id.clone(),
        worker_id: worker_id.clone(),
        fence,
        ..pb::HeartbeatRequest::default()
    };
    let failure = pb::FailRequest {
        job_id: job_id.clone(),
        worker_id: worker_id.clone(),
        fence,
        error_code: "timeout".to_owned(),
    };
    let back = pb::HandBackRequest {
        job_id: job_id.clone(),
        worker_id,
        fence,
    };
    let digests = vec![Digest::of(b"blob").to_string()];
    let question = pb::FindUnreferencedRequest { digests };
    let registration = grading.signed(grading.registration(b"another scan", "key-2"));
    let look = grading.signed(pb::GetJobRequest { id: job_id });
    tokio::join!(
        async { code(grading.work().claim(claim).await) },
        async { code(grading.work().heartbeat(heartbeat).await) },
        async { code(grading.work().complete_import(completion).await) },
        async { code(grading.work().fail(failure).await) },
        async { code(grading.work().hand_back(back).await) },
        async { code(grading.work().find_unreferenced(question).await) },
        async { code(grading.copies().register(registration).await) },
        async { code(grading.jobs().get(look).await) },
    )
    .into()
}
