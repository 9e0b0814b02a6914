//! Corrected copies, made in the sandbox from end to end.

use contracts::grading as pb;
use domain::FailureCode;
use pdf_worker::sandbox::Cause;
use testkit::corpus;

use crate::harness::{Harness, bytes};

fn input() -> pb::FinalizeInput {
    pb::FinalizeInput {
        source_pages: vec![0, 1],
        anonymous_id: "7K3M-Q9TD".to_owned(),
        score: "13.5".to_owned(),
        max: "20".to_owned(),
        appreciation: "Bien, ∀x∈ℝ.".to_owned(),
        annotations: vec![pb::Annotation {
            page_index: 1,
            rectangle: Some(pb::Rectangle {
                x: 0.1,
                y: 0.2,
                w: 0.3,
                h: 0.1,
            }),
            kind: "BONUS".to_owned(),
            text: "bien vu".to_owned(),
            score_delta: "0.5".to_owned(),
            ..pb::Annotation::default()
        }],
        ..pb::FinalizeInput::default()
    }
}

fn with_zone() -> pb::FinalizeInput {
    pb::FinalizeInput {
        identity_zone: Some(pb::IdentityZone {
            pages: "first".to_owned(),
            x: 0.0,
            y: 0.0,
            w: 1.0,
            h: 0.2,
        }),
        ..input()
    }
}

/// How many pages a document has when it is opened again.
fn count(document: Vec<u8>) -> u32 {
    pdf::Source::open(document, pdf::Limits::default())
        .unwrap()
        .page_count()
}

#[tokio::test]
async fn a_corrected_copy_is_the_same_every_time() {
    let (harness, scan) = (Harness::new(), corpus::scan(2, 1));
    let (_directory, first) = harness.finalize(&scan, &input()).await;
    let first = first.unwrap();
    assert!(first.anonymous.is_none());
    let document = bytes(&first.document).await;
    assert_eq!((first.document.pages, count(document.clone())), (3, 3));
    let (_directory, second) = harness.finalize(&scan, &input()).await;
    assert!(bytes(&second.unwrap().document).await == document);
}

#[tokio::test]
async fn with_an_identity_zone_there_is_a_second_document() {
    let harness = Harness::new();
    let (_directory, files) = harness.finalize(&corpus::scan(2, 1), &with_zone()).await;
    let files = files.unwrap();
    let anonymous = files.anonymous.unwrap();
    let document = bytes(&anonymous).await;
    assert_eq!((anonymous.pages, count(document.clone())), (3, 3));
    assert!(document != bytes(&files.document).await);
}

#[tokio::test]
async fn a_copy_that_came_in_several_files_has_all_their_pages() {
    let harness = Harness::new();
    let documents = [corpus::scan(2, 1), corpus::text(1), corpus::scan(1, 2)];
    let documents = documents.each_ref().map(Vec::as_slice);
    let source = |pages: &[u32]| pb::Source {
        pages: pages.to_vec(),
        ..pb::Source::default()
    };
    let merged = pb::FinalizeInput {
        source_pages: Vec::new(),
        sources: vec![source(&[0, 1]), source(&[0]), source(&[0])],
        ..with_zone()
    };
    let (_directory, files) = harness.finalize_merged(&documents, &merged).await;
    let files = files.unwrap();
    let anonymous = files.anonymous.unwrap();
    for file in [files.document, anonymous] {
        assert_eq!((file.pages, count(bytes(&file).await)), (5, 5));
    }
    // A page that is not there makes no shorter document.
    let missing = pb::FinalizeInput {
        sources: vec![source(&[0, 1]), source(&[0, 1]), source(&[0])],
        ..merged
    };
    let (_directory, outcome) = harness.finalize_merged(&documents, &missing).await;
    assert_eq!(outcome.unwrap_err().code, FailureCode::Unknown);
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_with_its_code() {
    let harness = Harness::new();
    let missing = pb::FinalizeInput {
        source_pages: vec![0, 7],
        ..input()
    };
    let senseless = pb::FinalizeInput {
        score: "many".to_owned(),
        ..input()
    };
    for (document, input, code) in [
        (corpus::not_a_pdf(), input(), FailureCode::InvalidPdf),
        (corpus::user_encrypted(), input(), FailureCode::EncryptedPdf),
        (corpus::scan(2, 1), missing, FailureCode::Unknown),
        (corpus::scan(2, 1), senseless, FailureCode::Unknown),
    ] {
        let (_directory, outcome) = harness.finalize(&document, &input).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.code, error.cause), (code, Cause::Reported));
    }
}

#[tokio::test]
async fn what_is_no_document_is_not_taken_for_one() {
    let script = [
        r#"echo '{"confined":{"files":"full","network":"full","system_calls":"full"}}'"#,
        r#"echo '{"opened":{"pages":1}}'"#,
        "echo secrets >document.pdf",
        r#"echo '{"corrected":{"pages":2,"anonymous":null}}'"#,
    ];
    let harness = Harness::with_impostor(&script.join("\n"));
    let (_directory, files) = harness.finalize(b"", &input()).await;
    let mut pieces = files.unwrap().document.open().await.unwrap();
    assert_eq!(pieces.next().await.unwrap_err().cause, Cause::Protocol);
}
