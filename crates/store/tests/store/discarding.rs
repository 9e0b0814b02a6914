//! A copy that was put aside: nobody sees it any more, its bytes may come again, and nothing of it is lost.

use domain::copy::{Copy, State};
use domain::{Digest, FailureCode, Reason, Status};
use store::{CopyFilter, Error};

use crate::harness::{Bench, attempt};

async fn discarded(bench: &Bench, copy: Copy) -> Copy {
    let asked = bench.asked(bench.admin).await;
    let discarded = copy.discard(Reason::BadScan, asked).expect("it can be put aside");
    bench.recorded(discarded).await
}

#[tokio::test]
async fn a_discarded_copy_is_seen_nowhere_and_kept() {
    let bench = Bench::new().await;
    let copy = discarded(&bench, bench.imported(b"scan").await).await;
    let (id, exam, teacher) = (copy.id, bench.exam, bench.teacher);
    let seen = bench.tx(move |tx| {
        let listed = tx.copies().page(&CopyFilter::default(), None, 9)?.items;
        let questions = tx.marks().questions_in_use(exam)?;
        let counted = tx.copies().count_by_status()?.into_iter().map(|(_, count)| count);
        assert!(listed.is_empty() && questions.is_empty());
        Ok((
            tx.copies().get(id)?,
            tx.copies().relation(id, teacher)?,
            tx.copies().in_staging(exam)?,
            tx.copies().any_of(exam)?,
            counted.sum::<i64>(),
        ))
    });
    assert_eq!(seen.await, Ok((None, None, Vec::new(), false, 0)));

    let kept = bench.tx(move |tx| Ok((tx.copies().for_update(id)?, tx.pages().of(id)?.len())));
    assert_eq!(kept.await, Ok((Some(copy), 2)));
    let blob = [Digest::of(b"scan")];
    let free = bench.tx(move |tx| tx.blobs().unreferenced(&blob)).await;
    assert_eq!(free, Ok(Vec::new()));
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn the_bytes_of_a_discarded_copy_make_another() {
    let bench = Bench::new().await;
    let exam = bench.exam;
    let by_source = || bench.tx(move |tx| tx.booklets().by_source(exam, Digest::of(b"scan")));
    let (copy, job) = bench.registered(b"scan").await;
    let failed = copy
        .fail_import(FailureCode::InvalidPdf, bench.attempted(job))
        .expect("the import fails");
    let failed = bench.recorded(failed).await;
    assert_eq!(by_source().await, Ok(Some(failed.id)));
    let first = discarded(&bench, failed).await;
    assert_eq!(by_source().await, Ok(None));

    let second = bench.imported(b"scan").await;
    assert_eq!(by_source().await, Ok(Some(second.id)));
    let second = discarded(&bench, second).await;
    let third = bench.ready(b"scan").await;
    assert_eq!(by_source().await, Ok(Some(third.id)));
    assert!(matches!(
        (first.state, second.state),
        (State::Discarded(_), State::Discarded(_))
    ));
    assert_eq!(bench.stored(third.id).await.state.status(), Status::Ready);
}

#[tokio::test]
async fn a_discarded_copy_does_not_come_back() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await;
    let asked = bench.asked(bench.teacher).await;
    let after = discarded(&bench, copy.clone()).await;
    let revived = Copy {
        version: after.version,
        ..copy
    };
    let validated = revived
        .validate(asked)
        .expect("what was read before could be validated");
    let answer = bench.tx(move |tx| tx.record(&validated)).await;
    let rule = "copies_discarded_stays";
    assert_eq!(answer, Err(Error::Refused { rule }));

    let owner = format!(
        "SET ROLE korrigo_owner;
         UPDATE grading.copies SET discarded = false, version = version + 1 WHERE id = '{}'",
        after.id
    );
    let answer = attempt(&bench.database.owner_url(), &owner);
    assert_eq!(answer, Err("a discarded copy does not change".to_owned()));
}
