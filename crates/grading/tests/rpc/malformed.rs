//! What is not of the documented form is refused, with the places that are wrong and without their values.

use contracts::grading as pb;
use contracts::{Code, FieldProblem, Problem};
use tonic::{Response, Status};

use crate::harness::{Grading, problem};
use crate::worker::page;

const ID: &str = "0197c000-0000-7000-8000-00000000000b";

#[tokio::test]
async fn malformed_ids_pages_and_lists_are_refused_with_the_places_that_are_wrong() {
    let grading = Grading::start().await;
    reports(&grading).await;
    pages(&grading).await;
    questions(&grading).await;
}

async fn reports(grading: &Grading) {
    for (job_id, worker_id, expected) in [
        ("", ID, &[("/job_id", "required")][..]),
        (ID, "", &[("/worker_id", "required")]),
        (
            "DUPONT",
            "Marie",
            &[("/job_id", "malformed"), ("/worker_id", "malformed")],
        ),
    ] {
        let (job_id, worker_id) = (job_id.to_owned(), worker_id.to_owned());
        let claim = pb::ClaimRequest {
            job_id: job_id.clone(),
            worker_id: worker_id.clone(),
        };
        assert_invalid(grading.work().claim(claim).await, expected);
        let heartbeat = pb::HeartbeatRequest {
            job_id: job_id.clone(),
            worker_id: worker_id.clone(),
            ..pb::HeartbeatRequest::default()
        };
        assert_invalid(grading.work().heartbeat(heartbeat).await, expected);
        let completion = pb::CompleteImportRequest {
            job_id: job_id.clone(),
            worker_id: worker_id.clone(),
            fence: 1,
            pages: vec![page(0)],
        };
        assert_invalid(grading.work().complete_import(completion).await, expected);
        let failure = pb::FailRequest {
            job_id: job_id.clone(),
            worker_id: worker_id.clone(),
            fence: 1,
            error_code: "timeout".to_owned(),
        };
        assert_invalid(grading.work().fail(failure).await, expected);
        let back = pb::HandBackRequest {
            job_id,
            worker_id,
            fence: 1,
        };
        assert_invalid(grading.work().hand_back(back).await, expected);
    }
    let failure = pb::FailRequest {
        job_id: ID.to_owned(),
        worker_id: ID.to_owned(),
        fence: 1,
        error_code: "it just broke".to_owned(),
    };
    assert_invalid(
        grading.work().fail(failure).await,
        &[("/error_code", "malformed")],
    );
}

async fn pages(grading: &Grading) {
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let job = &registered.job_id;
    let fence = worker.granted(job).await.fence;
    let none = grading
        .work()
        .complete_import(worker.completion(job, fence, 0))
        .await;
    assert_invalid(none, &[("/pages", "out_of_range")]);
    let spoilers: [fn(&mut pb::ImportedPage); 7] = [
        |page| page.width = 0,
        |page| page.height = 0,
        |page| page.rotation = 45,
        |page| page.display = None,
        |page| page.thumbnail = None,
        |page| page.display.get_or_insert_default().digest = "no digest".to_owned(),
        |page| page.thumbnail.get_or_insert_default().media_type = "image/tiff".to_owned(),
    ];
    for (index, spoil) in spoilers.into_iter().enumerate() {
        let mut completion = worker.completion(job, fence, 3);
        spoil(completion.pages.last_mut().expect("a last page"));
        let told = grading.work().complete_import(completion).await;
        let told = told.map_err(|status| Problem::from(&status));
        assert_eq!(
            told.map(drop),
            Err(invalid(&[("/pages", "malformed")])),
            "{index}"
        );
    }
    assert_eq!((grading.rows("pages"), grading.rows("grading_events")), (0, 0));
    assert!(worker.complete(job, fence).await, "the attempt is not spent");
}

async fn questions(grading: &Grading) {
    let digests = vec!["no digest".to_owned()];
    let question = pb::FindUnreferencedRequest { digests };
    let told = grading.work().find_unreferenced(question).await;
    assert_invalid(told, &[("/digests", "malformed")]);

    let registration = pb::RegisterCopyRequest {
        source_digest: "no digest".to_owned(),
        source_bytes: 0,
        ..grading.registration(b"scan", "key-1")
    };
    let told = grading.copies().register(grading.signed(registration)).await;
    let expected = [("/source_digest", "malformed"), ("/source_bytes", "out_of_range")];
    assert_invalid(told, &expected);

    let list = pb::ListCopiesRequest {
        exam_id: "no id".to_owned(),
        status: "LOST".to_owned(),
        cursor: String::new(),
        limit: 1,
    };
    let told = grading.copies().list(grading.signed(list)).await;
    assert_invalid(told, &[("/exam_id", "malformed"), ("/status", "malformed")]);
    let list = pb::ListExamsRequest {
        cursor: "no cursor".to_owned(),
        limit: 101,
    };
    let told = grading.exams().list(grading.signed(list)).await;
    assert_invalid(told, &[("/cursor", "malformed"), ("/limit", "out_of_range")]);
}

#[track_caller]
fn assert_invalid<T>(answer: Result<Response<T>, Status>, fields: &[(&'static str, &'static str)]) {
    assert_eq!(problem(answer), invalid(fields));
}

fn invalid(fields: &[(&'static str, &'static str)]) -> Problem {
    let errors = fields.iter().map(|(pointer, code)| FieldProblem {
        pointer: (*pointer).into(),
        code: (*code).into(),
    });
    Problem {
        errors: errors.collect(),
        ..Problem::of(Code::Invalid)
    }
}
