//! Corrected documents, and which blobs are still needed.

use std::collections::BTreeSet;

use domain::document::{Document, Documents};
use domain::page::{ImageFormat, PageImage, Redacted};
use domain::{Digest, FileSize, Page};

use crate::desk::Desk;
use crate::harness::{Bench, count, page};

fn document(bytes: &[u8], pages: u32) -> Document {
    Document {
        digest: Digest::of(bytes),
        size: FileSize::new(12_345).expect("a size"),
        pages,
    }
}

fn with_anonymous() -> Documents {
    Documents {
        full: document(b"full", 3),
        anonymous: Some(document(b"anonymous", 4)),
    }
}

fn redacted(index: u32) -> Page {
    let image = |of: &[u8], format| PageImage {
        digest: Digest::of(of),
        format,
    };
    Page {
        redacted: Some(Redacted {
            display: image(b"redacted display", ImageFormat::Png),
            thumbnail: image(b"redacted thumbnail", ImageFormat::Jpeg),
        }),
        ..page(index)
    }
}

#[tokio::test]
async fn the_document_of_the_latest_job_is_the_one_that_counts() {
    let desk = Desk::new().await;
    let copy = desk.copy.id;
    let latest = || desk.bench.tx(move |tx| tx.documents().latest(copy));
    assert_eq!(latest().await, Ok(None));

    let started = desk.finalize().await;
    let later = started.job().id;
    desk.bench.started(started).await;
    // To the table it does not matter what a job was for, only which came later.
    let view = desk.bench.tx(move |tx| tx.copies().get(copy)).await;
    let earlier = view.ok().flatten().and_then(|view| view.import_job);
    let earlier = earlier.expect("the copy was imported");
    let bare = Documents {
        anonymous: None,
        ..with_anonymous()
    };
    for (job, made) in [(later, with_anonymous()), (earlier, bare)] {
        let stored = desk
            .bench
            .tx(move |tx| tx.documents().insert(job, copy, &made))
            .await;
        assert_eq!(stored, Ok(()));
        assert_eq!(latest().await, Ok(Some(with_anonymous())));
    }
}

#[tokio::test]
async fn redacted_images_are_read_as_they_were_stored() {
    let bench = Bench::new().await;
    let (copy, _) = bench.registered(b"scan").await;
    let (id, booklet) = (copy.id, copy.booklets[0].id);
    let pages = [redacted(0), page(1)];
    let stored = pages.clone();
    let read = bench.tx(move |tx| {
        tx.pages().insert_all(id, booklet, &stored)?;
        let first = tx.pages().get(id, stored[0].index)?;
        Ok((tx.pages().of(id)?, first))
    });
    let (all, first) = read.await.expect("the pages are stored and read");
    assert_eq!(
        (all.as_slice(), first.as_ref()),
        (pages.as_slice(), pages.first())
    );
}

#[tokio::test]
async fn every_blob_that_something_refers_to_is_kept_and_no_other() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered(b"scan").await;
    let (id, booklet, attempted) = (copy.id, copy.booklets[0].id, bench.attempted(job));
    let imported = copy
        .complete_import(count(1), attempted)
        .expect("the import completes");
    bench
        .tx(move |tx| {
            tx.pages().insert_all(id, booklet, &[redacted(0)])?;
            let _entry = tx.record(&imported)?;
            tx.documents().insert(job, id, &with_anonymous())
        })
        .await
        .expect("all is stored");

    let needed: [&[u8]; 7] = [
        b"scan",
        b"display 0",
        b"thumbnail 0",
        b"redacted display",
        b"redacted thumbnail",
        b"full",
        b"anonymous",
    ];
    let orphans: [&[u8]; 2] = [b"display 1", b"orphan"];
    let asked: Vec<_> = needed
        .iter()
        .chain(&orphans)
        .map(|bytes| Digest::of(bytes))
        .collect();
    let free = bench.tx(move |tx| tx.blobs().unreferenced(&asked)).await;
    assert_eq!(free, Ok(orphans.map(Digest::of).to_vec()));
    // One by one too: each of the places is looked at by itself.
    let mut found = BTreeSet::new();
    for bytes in needed {
        let asked = [Digest::of(bytes)];
        let free = bench.tx(move |tx| tx.blobs().unreferenced(&asked)).await;
        found.extend(free.expect("a look").is_empty().then_some(bytes));
    }
    assert_eq!(found, BTreeSet::from(needed));
}
