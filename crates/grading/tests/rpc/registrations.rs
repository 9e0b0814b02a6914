//! A copy is registered once, however often that is asked.

use broker::IMPORT_QUEUE;
use contracts::grading as pb;
use contracts::{Code, jobs};

use crate::harness::{Grading, code};

#[tokio::test]
async fn a_registration_asked_twice_answers_the_same_and_is_never_another_one() {
    let grading = Grading::start().await;
    let register = async |request: pb::RegisterCopyRequest| {
        let answer = grading.copies().register(grading.signed(request)).await;
        answer.map(tonic::Response::into_inner)
    };
    let (first, second) = tokio::join!(
        register(grading.registration(b"scan", "key-1")),
        register(grading.registration(b"scan", "key-1")),
    );
    // The one that came second may have found the first under way.
    let both = [first, second].into_iter().filter_map(Result::ok);
    let answers: Vec<_> = both.collect();
    let before = answers.first().expect("one of them is answered").clone();
    assert!(answers.iter().all(|answer| *answer == before));
    let again = register(grading.registration(b"scan", "key-1")).await;
    assert_eq!(again.expect("the same answer"), before);

    let refused = async |request| {
        let answer = grading.copies().register(grading.signed(request)).await;
        code(answer)
    };
    let other_body = grading.registration(b"another scan", "key-1");
    assert_eq!(refused(other_body).await, Code::IdempotencyMismatch);
    let other_key = grading.registration(b"scan", "key-2");
    assert_eq!(refused(other_key.clone()).await, Code::DuplicateSource);
    assert_eq!(refused(other_key).await, Code::DuplicateSource, "and again");
    let no_key = grading.registration(b"another scan", "");
    assert_eq!(refused(no_key).await, Code::MissingIdempotencyKey);

    for table in ["copies", "booklets", "jobs", "outbox"] {
        assert_eq!(grading.rows(table), 1, "{table}");
    }
    grading.broker.wait_for_depth(IMPORT_QUEUE, 1).await;
    let message = grading.broker.take(IMPORT_QUEUE).await.expect("a message");
    let kind = message.properties.kind().as_ref().expect("a type");
    let announced = jobs::decode(kind.as_str(), &message.data).expect("a job message");
    assert_eq!(announced.to_string(), before.job_id);
}
