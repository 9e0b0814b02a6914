//! Archives: one of an exam, what is in it, and that its file is needed as long as it is kept.

use domain::archive::{Archive, ArchiveFile};
use domain::{Digest, FileSize, Task};
use store::Error;

use super::releases::{graded, released};
use crate::desk::Desk;
use crate::harness::Bench;

async fn ordered(bench: &Bench) -> Result<Archive, Error> {
    let (release, _) = released(bench).await;
    again(bench, &release).await
}

async fn again(bench: &Bench, release: &domain::Release) -> Result<Archive, Error> {
    let order = release.archive(bench.admin, &bench.ids);
    let (archive, envelope) = (*order.archive(), bench.envelope(order.job().id));
    let stored = bench.tx(move |tx| tx.order_archive(&order, &envelope)).await;
    stored.map(|()| archive)
}

fn file(bench: &Bench) -> impl Fn(i64) -> ArchiveFile {
    let now = bench.database.count("SELECT extract(epoch FROM now())::bigint");
    move |seconds| ArchiveFile {
        digest: Digest::of(b"archive"),
        size: FileSize::new(4_096).expect("a size"),
        copies: 1,
        expires_at: chrono::DateTime::from_timestamp(now + seconds, 0).expect("a moment"),
    }
}

#[tokio::test]
async fn an_archive_has_the_documents_of_its_release_that_are_not_erased() {
    let desk = Desk::new().await;
    let copy = graded(&desk).await;
    let bench = &desk.bench;
    let archive = ordered(bench).await.expect("it is ordered");
    let (job, release) = (archive.job, archive.release);
    let (view, contents, copies) = bench
        .tx(move |tx| {
            Ok((
                tx.jobs().get(job)?.expect("the job is there"),
                tx.archives().contents(release)?,
                tx.archives().copies_of(release)?,
            ))
        })
        .await
        .expect("a look");
    assert_eq!(
        (view.job.task, view.exam),
        (Task::Archive(bench.exam), bench.exam)
    );
    assert_eq!(copies, [copy.id]);
    let found: Vec<_> = contents.iter().map(|found| (found.copy, found.digest)).collect();
    assert_eq!(found, [(copy.id, Digest::of(b"corrected"))]);
    assert!(contents.iter().all(|found| found.pupil.is_none()));

    bench
        .database
        .run("SET session_replication_role = replica; UPDATE grading.copies SET erased = true");
    let left = bench.tx(move |tx| tx.archives().contents(release)).await;
    assert!(left.expect("a look").is_empty());
}

#[tokio::test]
async fn the_file_of_an_archive_is_needed_until_it_is_kept_no_longer() {
    let desk = Desk::new().await;
    graded(&desk).await;
    let bench = &desk.bench;
    let archive = ordered(bench).await.expect("it is ordered");
    let (id, job, exam) = (archive.id, archive.job, bench.exam);
    let needed = async || {
        let free = bench.tx(|tx| tx.blobs().unreferenced(&[Digest::of(b"archive")]));
        free.await.expect("a look").is_empty()
    };
    assert!(!needed().await);
    let file = file(bench);
    let made = file(3_600);
    let finish = |made| bench.tx(move |tx| tx.archives().finish(id, made));
    assert_eq!(finish(made).await, Ok(()));
    assert_eq!(finish(made).await, Err(Error::Stale { table: "archives" }));
    assert!(needed().await);
    let view = bench
        .tx(move |tx| tx.archives().of_exam(exam))
        .await
        .expect("a look");
    let view = view.expect("it is there");
    assert_eq!((view.archive.file, view.number), (Some(made), 1));
    let locked = bench.tx(move |tx| tx.archives().of_job(job)).await;
    assert_eq!(locked, Ok(Some(view.archive)));

    assert_eq!(bench.tx(|tx| tx.archives().purge()).await, Ok(0));
    bench
        .database
        .run("UPDATE grading.archives SET expires_at = now() - interval '1 second'");
    assert_eq!(bench.tx(|tx| tx.archives().purge()).await, Ok(1));
    assert!(!needed().await);
}

#[tokio::test]
async fn an_exam_has_one_archive_at_a_time() {
    let desk = Desk::new().await;
    graded(&desk).await;
    let bench = &desk.bench;
    let (release, _) = released(bench).await;
    let first = again(bench, &release).await.expect("it is ordered");
    assert!(again(bench, &release).await.is_err());
    let gone = bench.tx(move |tx| tx.archives().delete(first.id)).await;
    assert_eq!(gone, Ok(()));
    assert!(again(bench, &release).await.is_ok());
}
