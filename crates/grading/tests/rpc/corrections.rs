//! What correctors give a copy, as the calls say it: the cases in which two changes meet, or too many.

use contracts::grading as pb;
use contracts::grading::claim_reply::Answer;
use contracts::{Code, FieldCode, Problem};
use serde_json::json;

use crate::harness::{Grading, code, problem};

/// A copy that the teacher has locked.
struct Desk<'a> {
    grading: &'a Grading,
    copy: String,
    token: String,
}

impl<'a> Desk<'a> {
    async fn locked(grading: &'a Grading) -> Self {
        let copy = grading.registered().await;
        let worker = grading.worker();
        let fence = worker.granted(&copy.job_id).await.fence;
        assert!(worker.complete(&copy.job_id, fence).await);
        let id = copy.copy_id;
        let validation = grading.signed(pb::ValidateCopyRequest {
            id: id.clone(),
            if_version: None,
        });
        let validated = grading.copies().validate(validation).await;
        assert_eq!(
            validated.expect("the pages are there").into_inner().status,
            "READY"
        );
        let lock = grading.signed(pb::AcquireLockRequest {
            copy_id: id.clone(),
            ttl_seconds: None,
        });
        let lock = grading.locks().acquire(lock).await.expect("nobody has it");
        Self {
            grading,
            copy: id,
            token: lock.into_inner().token,
        }
    }

    async fn remark(&self, text: &str) -> pb::Remark {
        let request = self.grading.signed(pb::SetRemarkRequest {
            copy_id: self.copy.clone(),
            lock_token: self.token.clone(),
            question_id: "1".to_owned(),
            text: text.to_owned(),
        });
        let answer = self.grading.marks().set_remark(request).await;
        answer.expect("the remark is stored").into_inner()
    }

    /// Draws a line of so many points.
    async fn draw(&self, key: usize, points: usize) -> Result<pb::Annotation, Problem> {
        let point = pb::InkPoint {
            x: 0.123_456,
            y: 0.654_321,
            pressure: 0.5,
        };
        let request = self.grading.signed(pb::CreateAnnotationRequest {
            copy_id: self.copy.clone(),
            lock_token: self.token.clone(),
            idempotency_key: format!("line-{key}"),
            page_index: 0,
            rectangle: Some(pb::Rectangle {
                x: 0.1,
                y: 0.1,
                w: 0.5,
                h: 0.5,
            }),
            kind: "INK".to_owned(),
            ink: vec![pb::Stroke {
                points: vec![point; points],
            }],
            text: "é".repeat(3_000),
            ..pb::CreateAnnotationRequest::default()
        });
        let answer = self.grading.annotations().create(request).await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| Problem::from(&status))
    }

    /// The job that makes the corrected document.
    async fn finalized(&self) -> String {
        let request = self.grading.signed(pb::FinalizeCopyRequest {
            id: self.copy.clone(),
            lock_token: self.token.clone(),
            idempotency_key: "finalize".to_owned(),
        });
        let answer = self.grading.copies().finalize(request).await;
        answer.expect("the corrector is done").into_inner().job_id
    }

    async fn actions(&self) -> Vec<String> {
        let events = self.grading.events(&self.copy).await;
        events.into_iter().map(|event| event.action).collect()
    }
}

/// A question of so many points.
fn scheme(points: &str) -> pb::MarkingScheme {
    pb::MarkingScheme {
        questions: vec![pb::Question {
            id: "1".to_owned(),
            label: "Une question".to_owned(),
            max_points: points.to_owned(),
            children: Vec::new(),
        }],
    }
}

impl Grading {
    async fn set_scheme(&self, if_version: i64, points: &str) -> Result<pb::Exam, Problem> {
        let request = pb::SetMarkingSchemeRequest {
            exam_id: self.exam.to_string(),
            if_version,
            scheme: Some(scheme(points)),
        };
        let answer = self
            .exams()
            .set_marking_scheme(self.signed_by_admin(request).await)
            .await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| Problem::from(&status))
    }
}

#[tokio::test]
async fn the_same_words_again_are_no_change_and_leave_no_event() {
    let grading = Grading::start().await;
    grading.set_scheme(0, "20").await.expect("a first scheme");
    let desk = Desk::locked(&grading).await;
    for (text, remarks) in [("", 0), ("Bien", 1), ("Bien", 1), ("Mieux", 2), ("", 3), ("", 3)] {
        assert_eq!(desk.remark(text).await.text, text);
        let left = desk.actions().await;
        assert_eq!(left.iter().filter(|action| *action == "REMARK").count(), remarks);
    }
}

#[tokio::test]
async fn a_copy_with_all_the_ink_that_it_may_have_can_be_read_and_finalized() {
    let grading = Grading::start().await;
    let desk = Desk::locked(&grading).await;
    for key in 0..10 {
        desk.draw(key, 10_000).await.expect("there is room");
    }
    let full = desk.draw(10, 1).await.expect_err("there is no more room");
    assert_eq!(full, Problem::field("/ink", FieldCode::TooLong));

    let list = grading.signed(pb::ListAnnotationsRequest {
        copy_id: desk.copy.clone(),
    });
    let list = grading.annotations().list(list).await.expect("they can be read");
    assert_eq!(list.into_inner().annotations.len(), 10);
    let job = desk.finalized().await;
    let granted = grading.worker().granted(&job).await;
    let Some(pb::granted::Input::Finalize(input)) = granted.input else {
        panic!("it is no job to finalize")
    };
    assert_eq!(input.annotations.len(), 10);
}

#[tokio::test]
async fn a_repeated_annotation_is_answered_with_its_words_which_are_kept_with_the_annotation_only() {
    let grading = Grading::start().await;
    let desk = Desk::locked(&grading).await;
    let drawn = desk.draw(1, 3).await.expect("there is room");
    assert_eq!(desk.draw(1, 3).await.expect("the same answer"), drawn);
    let remembered = "SELECT count(*) FROM grading.idempotency_keys WHERE answer IS NOT NULL";
    // Of two bytes there may be such in the time of an answer.
    let words = "SELECT count(*) FROM grading.idempotency_keys
        WHERE position('\\xc3a9c3a9c3a9c3a9'::bytea in answer) > 0";
    let counts = [remembered, words].map(|query| grading.database.count(query));
    assert_eq!((counts[0] > 0, counts[1]), (true, 0));
}

#[tokio::test]
async fn the_marking_scheme_waits_for_copies_whose_score_is_frozen() {
    let grading = Grading::start().await;
    grading.set_scheme(0, "20").await.expect("a first scheme");
    let desk = Desk::locked(&grading).await;
    let job = desk.finalized().await;
    let refused = grading
        .set_scheme(1, "25")
        .await
        .expect_err("a copy is on its way");
    let expected = Problem::of(Code::SchemeInUse).with("copies", "1".to_owned());
    assert_eq!(refused, expected);

    let worker = grading.worker();
    let fence = worker.granted(&job).await.fence;
    assert_eq!(worker.fail(&job, fence, "invalid_pdf").await, (true, false));
    let refused = grading
        .set_scheme(1, "25")
        .await
        .expect_err("it may be tried again");
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn a_document_that_is_never_made_says_why() {
    for (code, attempts) in [("timeout", 3), ("page_too_large", 1)] {
        let grading = Grading::start().await;
        let desk = Desk::locked(&grading).await;
        let job = desk.finalized().await;
        let worker = grading.worker();
        for attempt in 1..=attempts {
            grading.next_attempt("now()");
            let fence = worker.granted(&job).await.fence;
            assert_eq!(worker.fail(&job, fence, code).await, (true, attempt < attempts));
        }
        let ended = grading.job(&job).await;
        assert_eq!(
            (ended.state.as_str(), ended.error_code.as_str()),
            ("FAILED", code)
        );
        assert_eq!(grading.copy(&desk.copy).await.status, "GRADING_FAILED");
    }
}

#[tokio::test]
async fn an_attempt_to_finalize_whose_worker_fell_silent_is_told_whoever_notices_first() {
    let grading = Grading::start().await;
    let desk = Desk::locked(&grading).await;
    let job = desk.finalized().await;
    let silent = grading.worker();
    let fence = silent.granted(&job).await.fence;
    grading
        .database
        .run("UPDATE grading.jobs SET lease_until = now() WHERE state = 'RUNNING'");

    let second = grading.worker();
    assert!(matches!(second.claim(&job).await, Answer::NotGranted(_)));
    silent.assert_powerless(&job, fence).await;
    grading.next_attempt("now()");
    assert_eq!(second.granted(&job).await.attempt, 2);
    let events = grading.events(&desk.copy).await;
    let told = events.last().expect("there are events");
    let metadata: serde_json::Value = serde_json::from_str(&told.metadata).expect("metadata is JSON");
    assert_eq!(told.action, "FINALIZE");
    assert_eq!(
        (&metadata["success"], &metadata["retries"]),
        (&json!(false), &json!(1))
    );
}

#[tokio::test]
async fn a_window_does_not_overwrite_the_draft_that_another_began_anew() {
    let grading = Grading::start().await;
    let desk = Desk::locked(&grading).await;
    let put = async |client: &str, version| {
        let request = grading.signed(pb::PutDraftRequest {
            copy_id: desk.copy.clone(),
            client_id: client.to_owned(),
            version,
            payload: "{}".to_owned(),
        });
        grading
            .drafts()
            .put(request)
            .await
            .map(tonic::Response::into_inner)
    };
    let first = put("a", 0).await.expect("the first draft");
    assert_eq!(put("b", first.version).await.expect("it was seen").version, 2);
    let delete = grading.signed(pb::DeleteDraftRequest {
        copy_id: desk.copy.clone(),
    });
    grading.drafts().delete(delete).await.expect("it is taken back");
    let get = grading.signed(pb::GetDraftRequest {
        copy_id: desk.copy.clone(),
    });
    let there = grading.drafts().get(get).await.expect("a look").into_inner();
    assert_eq!(there.draft, None);

    assert_eq!(put("c", 0).await.expect("a new window begins anew").version, 4);
    let overtaken = put("a", 2).await.expect_err("it has not seen that");
    assert_eq!(
        Problem::from(&overtaken),
        Problem::of(Code::NewerDraft).with("version", "4".to_owned())
    );
}

#[tokio::test]
async fn whoever_is_no_teacher_any_more_finds_nothing_in_lists() {
    let grading = Grading::start().await;
    let desk = Desk::locked(&grading).await;
    let listed = async || {
        let exams = grading.signed(pb::ListExamsRequest {
            limit: 50,
            ..pb::ListExamsRequest::default()
        });
        let copies = grading.signed(pb::ListCopiesRequest {
            limit: 50,
            ..pb::ListCopiesRequest::default()
        });
        let exams = grading.exams().list(exams).await.expect("a list").into_inner();
        let copies = grading.copies().list(copies).await.expect("a list").into_inner();
        (exams.exams.len(), copies.copies.len())
    };
    assert_eq!(listed().await, (1, 1));
    grading
        .database
        .run("UPDATE grading.users SET role = 'STUDENT' WHERE login LIKE 'teacher@%'");
    assert_eq!(listed().await, (0, 0));
    let get = grading.signed(pb::GetCopyRequest {
        id: desk.copy.clone(),
    });
    assert_eq!(code(grading.copies().get(get).await), Code::NotFound);
    let refused = problem(
        grading
            .exams()
            .get(grading.signed(pb::GetExamRequest {
                id: grading.exam.to_string(),
            }))
            .await,
    );
    assert_eq!(refused.code, Code::NotFound);
}
