//! Batches: every page in one booklet, look-alikes kept apart, and an end that stays.

use domain::batch::{
    Anomaly, AnomalyKind, BatchState, BatchStatus, Cut, NewBatch, Part, Piece, Scan, Split, Splitting,
};
use domain::{
    Batch, BatchRegistration, Digest, FailureCode, FileSize, Layout, PageCount, PageIndex, Reason, Status,
    Task,
};
use store::{BatchCopy, BatchOutcome, Error};

use crate::harness::{Bench, count};

fn piece(page: u32, part: Part) -> Piece {
    let page = PageIndex::new(page).unwrap();
    Piece { page, part }
}

fn size() -> FileSize {
    FileSize::new(1_000).unwrap()
}

/// Two sheets of two pages, one page per copy: four booklets, of which the last two have the same bytes.
fn scan() -> Scan {
    let cut = |bytes: &[u8], page, part| Cut {
        source: Digest::of(bytes),
        size: size(),
        pieces: vec![piece(page, part)],
    };
    Scan {
        pages: PageCount::new(2).unwrap(),
        booklets: vec![
            cut(b"first", 0, Part::Left),
            cut(b"second", 0, Part::Right),
            cut(b"blank", 1, Part::Left),
            cut(b"blank", 1, Part::Right),
        ],
        anomalies: vec![Anomaly {
            kind: AnomalyKind::Incomplete,
            page: PageIndex::new(1).unwrap(),
        }],
    }
}

fn registration(bench: &Bench) -> BatchRegistration {
    let new = NewBatch {
        exam: bench.exam,
        source: Digest::of(b"scan"),
        size: size(),
        splitting: Splitting {
            pages_per_copy: PageCount::new(1).unwrap(),
            layout: Layout::A3Folded,
        },
        by: bench.teacher,
    };
    Batch::register(new, &bench.ids)
}

async fn registered(bench: &Bench) -> Batch {
    let registration = registration(bench);
    let batch = registration.batch().clone();
    let envelope = bench.envelope(registration.job().id);
    bench
        .tx(move |tx| tx.register_batch(&registration, &envelope))
        .await
        .expect("the batch is registered");
    batch
}

fn apart(bench: &Bench, batch: &Batch) -> Split {
    batch.clone().split(&scan(), bench.teacher, &bench.ids).unwrap()
}

async fn store(bench: &Bench, split: Split) -> Result<Split, Error> {
    let envelopes: Vec<_> = split
        .copies()
        .map(|(registration, _)| bench.envelope(registration.job().id))
        .collect();
    bench
        .tx(move |tx| {
            let of = |id| envelopes.iter().find(|envelope| envelope.job == id).cloned();
            tx.split(&split, |job| of(job.id).expect("an envelope"))?;
            Ok(split)
        })
        .await
}

async fn is_there(bench: &Bench) -> bool {
    let exam = bench.exam;
    bench
        .tx(move |tx| tx.batches().is_there(exam, Digest::of(b"scan")))
        .await
        .expect("a look")
}

#[tokio::test]
async fn a_batch_is_read_as_it_was_registered() {
    let bench = Bench::new().await;
    assert!(!is_there(&bench).await);
    let batch = registered(&bench).await;
    let (id, exam) = (batch.id, bench.exam);
    let (view, page, outcome) = bench
        .tx(move |tx| {
            let mut batches = tx.batches();
            Ok((
                batches.get(id)?,
                batches.page(exam, None, 10)?,
                batches.outcome(id)?,
            ))
        })
        .await
        .expect("a look");
    let view = view.expect("the batch is there");
    assert_eq!(view.batch, batch);
    assert_eq!(page.items, std::slice::from_ref(&view));
    assert_eq!(outcome, BatchOutcome::default());
    assert!(is_there(&bench).await);
    // The sweeper leaves it alone.
    let scan = Digest::of(b"scan");
    let swept = bench.tx(move |tx| tx.blobs().unreferenced(&[scan])).await;
    assert_eq!(swept, Ok(Vec::new()));
    let job = view.job;
    let job = bench
        .tx(move |tx| tx.jobs().get(job))
        .await
        .expect("a look")
        .unwrap();
    assert_eq!((job.job.task, job.exam), (Task::Split(batch.id), exam));
}

#[tokio::test]
async fn a_split_makes_a_copy_of_each_booklet_and_keeps_where_its_pages_were() {
    let bench = Bench::new().await;
    let batch = registered(&bench).await;
    let split = store(&bench, apart(&bench, &batch)).await.expect("it is stored");
    let expected: Vec<_> = split
        .copies()
        .map(|(registration, pieces)| BatchCopy {
            id: registration.copy().id,
            pieces: pieces.to_vec(),
            discarded: false,
        })
        .collect();
    let id = batch.id;
    let (view, outcome, copies) = bench
        .tx(move |tx| {
            let outcome = tx.batches().outcome(id)?;
            let mut copies = Vec::new();
            for copy in &outcome.copies {
                copies.push(tx.copies().get(copy.id)?.expect("the copy is there"));
            }
            Ok((tx.batches().get(id)?, outcome, copies))
        })
        .await
        .expect("a look");
    let state = BatchState::Split { pages: scan().pages };
    assert_eq!(view.expect("the batch is there").batch.state, state);
    assert_eq!((outcome.copies, outcome.anomalies), (expected, scan().anomalies));
    for view in copies {
        assert_eq!(view.copy.state.status(), Status::Staging);
        assert!(view.import_job.is_some());
    }
    let imports = bench
        .database
        .count("SELECT count(*) AS count FROM grading.jobs WHERE kind = 'IMPORT_COPY' AND state = 'QUEUED'");
    assert_eq!(imports, 4);
}

#[tokio::test]
async fn the_database_refuses_a_split_that_loses_a_page() {
    let bench = Bench::new().await;
    let batch = registered(&bench).await;
    let ended = apart(&bench, &batch).batch().clone();
    let lost = bench.tx(move |tx| tx.batches().end(&ended)).await;
    assert_eq!(
        lost,
        Err(Error::Refused {
            rule: "batches_conserve"
        })
    );
}

#[tokio::test]
async fn an_ended_batch_does_not_change() {
    let bench = Bench::new().await;
    let batch = registered(&bench).await;
    let failed = batch.clone().fail(FailureCode::EncryptedPdf).unwrap();
    let end = failed.clone();
    bench.tx(move |tx| tx.batches().end(&end)).await.expect("it ends");
    let id = batch.id;
    let found = bench
        .tx(move |tx| tx.batches().for_update(id))
        .await
        .expect("a look");
    assert_eq!(found.as_ref(), Some(&failed));
    assert_eq!(found.unwrap().state.status(), BatchStatus::Failed);
    // The same scan may come again.
    assert!(!is_there(&bench).await);
    let again = failed.clone();
    let again = bench.tx(move |tx| tx.batches().end(&again)).await;
    assert_eq!(again, Err(Error::Stale { table: "batches" }));
    let late = store(&bench, apart(&bench, &batch)).await;
    assert_eq!(late.err(), Some(Error::Refused { rule: "batches_end" }));
}

#[tokio::test]
async fn a_scan_may_come_again_when_all_its_copies_were_put_aside() {
    let bench = Bench::new().await;
    let batch = registered(&bench).await;
    let split = store(&bench, apart(&bench, &batch)).await.expect("it is stored");
    let copies: Vec<_> = split
        .copies()
        .map(|(registration, _)| (registration.copy().clone(), registration.job().id))
        .collect();
    for (copy, job) in copies {
        assert!(is_there(&bench).await);
        let imported = copy.complete_import(count(1), bench.attempted(job)).unwrap();
        let imported = bench.recorded(imported).await;
        let asked = bench.asked(bench.admin).await;
        bench
            .recorded(imported.discard(Reason::BadScan, asked).unwrap())
            .await;
    }
    assert!(!is_there(&bench).await);
    let id = batch.id;
    let (left, outcome) = bench
        .tx(move |tx| Ok((tx.batches().copies_of(id)?, tx.batches().outcome(id)?)))
        .await
        .expect("a look");
    assert!(left.is_empty() && outcome.copies.iter().all(|copy| copy.discarded));
}
