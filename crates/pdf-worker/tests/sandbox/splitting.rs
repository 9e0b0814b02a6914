//! Scans of many copies, taken apart in the sandbox from end to end.

use domain::batch::{AnomalyKind, Part, Piece, Splitting};
use domain::{FailureCode, Layout, PageCount};
use pdf_worker::sandbox::Cause;
use testkit::corpus;

use crate::harness::{Harness, bytes};

fn splitting(pages_per_copy: usize, layout: Layout) -> Splitting {
    Splitting {
        pages_per_copy: PageCount::new(pages_per_copy).unwrap(),
        layout,
    }
}

fn shown(pieces: &[Piece]) -> Vec<(u16, Part)> {
    pieces
        .iter()
        .map(|piece| (piece.page.get(), piece.part))
        .collect()
}

#[tokio::test]
async fn every_booklet_is_a_document_of_its_own() {
    let harness = Harness::new();
    let scan = corpus::numbered(&[&[4, 1], &[2, 3], &[6, 5]]);
    let (_directory, total, booklets, outcome) = harness.split(&scan, splitting(4, Layout::A3Folded)).await;
    let apart = outcome.unwrap();
    assert_eq!((total, apart.pages), (Some(3), 3));
    let kinds: Vec<_> = apart.anomalies.iter().map(|anomaly| anomaly.kind).collect();
    assert_eq!(kinds, [AnomalyKind::Incomplete, AnomalyKind::NoBack]);
    let pieces: Vec<_> = booklets.iter().map(|booklet| shown(&booklet.pieces)).collect();
    assert_eq!(
        pieces,
        [
            vec![
                (0, Part::Right),
                (1, Part::Left),
                (1, Part::Right),
                (0, Part::Left)
            ],
            vec![(2, Part::Right), (2, Part::Left)]
        ]
    );
    for booklet in booklets {
        let document = bytes(&booklet.document).await;
        let source = pdf::Source::open(document, pdf::Limits::default()).unwrap();
        assert_eq!(source.page_count(), booklet.document.pages);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_apart_is_refused_with_its_code() {
    let harness = Harness::new();
    let splitting = splitting(1, Layout::A4);
    let (_directory, _, booklets, outcome) = harness.split(&corpus::not_a_pdf(), splitting).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.cause, error.code),
        (Cause::Reported, FailureCode::InvalidPdf)
    );
    assert!(booklets.is_empty());
}

#[tokio::test]
async fn a_child_that_loses_or_doubles_a_page_is_not_believed() {
    const OPENED: &str = r#"echo '{"confined":{"files":"full","network":"full","system_calls":"full"}}'
echo '{"opened":{"pages":2}}'"#;
    let booklet =
        |index: u32, pieces: &str| format!(r#"echo '{{"booklet":{{"index":{index},"pieces":[{pieces}]}}}}'"#);
    let whole = |page: u32| format!(r#"[{page},"whole"]"#);
    for story in [
        vec![booklet(0, &whole(0))],
        vec![booklet(0, &whole(0)), booklet(1, &whole(0))],
        vec![booklet(0, &whole(0)), booklet(1, r#"[1,"left"]"#)],
        vec![booklet(0, &whole(0)), booklet(1, &whole(2))],
        vec![booklet(0, &whole(0)), booklet(0, &whole(1))],
        vec![booklet(0, &whole(0)), booklet(1, "")],
        vec![
            booklet(0, &whole(0)),
            booklet(1, &whole(1)),
            r#"echo '{"anomaly":{"kind":"incomplete","page":2}}'"#.to_owned(),
        ],
        vec![
            booklet(0, &whole(0)),
            booklet(1, &whole(1)),
            r#"echo '{"anomaly":{"kind":"odd","page":0}}'"#.to_owned(),
        ],
    ] {
        let script = format!("{OPENED}\n{}\necho '\"done\"'", story.join("\n"));
        let harness = Harness::with_impostor(&script);
        let (.., outcome) = harness.split(b"", splitting(1, Layout::A4)).await;
        assert_eq!(outcome.unwrap_err().cause, Cause::Protocol, "{script}");
    }
}
