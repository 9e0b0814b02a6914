//! Copies, their booklets and pages.

#[cfg(test)]
mod dispatching;
#[cfg(test)]
mod merging;

use domain::access::Relation;
use domain::copy::{Import, State};
use domain::page::PageIndex;
use domain::{CopyId, Digest, FailureCode, Role, Status};
use store::{Constraint, CopyFilter, Error};

use crate::harness::{Bench, count, page, user};

#[tokio::test]
async fn a_copy_is_read_as_it_was_registered() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered(b"scan").await;
    let id = copy.id;
    let (locked, view) = bench
        .tx(move |tx| Ok((tx.copies().for_update(id)?, tx.copies().get(id)?)))
        .await
        .expect("the copy is read");
    let view = view.expect("the copy is there");
    assert_eq!(locked, Some(copy.clone()));
    assert_eq!(view.copy, copy);
    assert_eq!(view.import_job, Some(job));
    assert_eq!(view.created_at, view.updated_at);

    let unknown = bench.ids.next();
    let nothing = bench
        .tx(move |tx| Ok((tx.copies().for_update(unknown)?, tx.copies().get(unknown)?)))
        .await;
    assert_eq!(nothing, Ok((None, None)));
}

#[tokio::test]
async fn every_state_of_an_import_is_read_back() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered(b"scan").await;
    let failed = copy
        .fail_import(FailureCode::Timeout, bench.attempted(job))
        .expect("the import fails");
    let id = failed.copy().id;
    let again = bench.retried(failed.copy()).await;
    let pending = again.transition().copy().clone();
    let done = pending
        .clone()
        .complete_import(count(3), bench.attempted(again.job().id))
        .expect("it completes");
    let _entry = bench.record(failed).await;
    let code = FailureCode::Timeout;
    assert_eq!(
        bench.stored(id).await.state,
        State::Staging(Import::Failed { code })
    );
    let envelope = bench.envelope(again.job().id);
    let started = bench.tx(move |tx| tx.start(&again, &envelope)).await;
    let _entry = started.expect("the next import is stored");
    assert_eq!(bench.stored(id).await, pending);
    let _entry = bench.record(done).await;
    assert_eq!(
        bench.stored(id).await.state,
        State::Staging(Import::Done { pages: count(3) })
    );
}

#[tokio::test]
async fn the_same_bytes_make_one_copy_of_an_exam_and_the_refused_one_leaves_nothing() {
    let bench = Bench::new().await;
    let (first, _) = bench.registered(b"scan").await;
    let again = bench.registration(b"scan");
    let envelope = bench.envelope(again.job().id);
    let answer = bench.tx(move |tx| tx.register(&again, &envelope)).await;
    assert_eq!(
        answer,
        Err(Error::Conflict {
            constraint: Constraint::DuplicateSource
        })
    );

    let everything = "(SELECT count(*) FROM grading.copies) + (SELECT count(*) FROM grading.booklets)
        + (SELECT count(*) FROM grading.jobs) + (SELECT count(*) FROM grading.outbox)";
    assert_eq!(bench.database.count(&format!("SELECT {everything}")), 4);
    let exam = bench.exam;
    let found = bench
        .tx(move |tx| tx.booklets().by_source(exam, Digest::of(b"scan")))
        .await;
    assert_eq!(found, Ok(Some(first.id)));
}

#[tokio::test]
async fn an_unknown_exam_is_told_from_other_refusals() {
    let mut bench = Bench::new().await;
    bench.exam = bench.ids.next();
    let registration = bench.registration(b"scan");
    let envelope = bench.envelope(registration.job().id);
    let answer = bench.tx(move |tx| tx.register(&registration, &envelope)).await;
    assert_eq!(
        answer,
        Err(Error::Conflict {
            constraint: Constraint::UnknownExam
        })
    );
}

#[tokio::test]
async fn a_list_of_copies_does_not_shift_when_copies_are_added() {
    let bench = Bench::new().await;
    let mut expected = Vec::new();
    for number in 0..5_u8 {
        expected.push(bench.registered(&[number]).await.0.id);
    }
    let part = |after| bench.tx(move |tx| tx.copies().page(&CopyFilter::default(), after, 2));
    let first = part(None).await.expect("the first part");
    expected.push(bench.registered(b"late").await.0.id);
    let second = part(first.next).await.expect("the second part");
    let third = part(second.next).await.expect("the third part");
    let found: Vec<_> = [first, second, third]
        .iter()
        .flat_map(|part| &part.items)
        .map(|view| view.copy.id)
        .collect();
    assert_eq!(found, expected);
}

async fn listed(bench: &Bench, filter: CopyFilter) -> Vec<CopyId> {
    let found = bench.tx(move |tx| tx.copies().page(&filter, None, 10)).await;
    let items = found.expect("a list").items;
    items.iter().map(|view| view.copy.id).collect()
}

#[tokio::test]
async fn copies_are_listed_by_exam_and_by_state() {
    let bench = Bench::new().await;
    let ready = bench.ready(b"one").await.id;
    let staging = bench.registered(b"two").await.0.id;
    let (exam, other, status) = (Some(bench.exam), Some(bench.ids.next()), Some(Status::Ready));
    let filter = CopyFilter::default();
    assert_eq!(
        listed(
            &bench,
            CopyFilter {
                exam,
                ..filter.clone()
            }
        )
        .await,
        [ready, staging]
    );
    assert_eq!(
        listed(
            &bench,
            CopyFilter {
                exam: other,
                ..filter.clone()
            }
        )
        .await,
        []
    );
    assert_eq!(
        listed(
            &bench,
            CopyFilter {
                exam,
                status,
                ..filter
            }
        )
        .await,
        [ready]
    );
}

#[tokio::test]
async fn copies_are_listed_for_the_correctors_of_their_exam_only() {
    let bench = Bench::new().await;
    let copy = bench.registered(b"one").await.0.id;
    let (teacher, stranger, unknown) = (bench.teacher, bench.ids.next(), bench.ids.next());
    bench
        .database
        .add_person(&user(stranger, "stranger", Role::Teacher));

    let visible_to = |user| CopyFilter {
        visible_to: Some(user),
        ..CopyFilter::default()
    };
    assert_eq!(listed(&bench, visible_to(teacher)).await, [copy]);
    assert_eq!(listed(&bench, visible_to(stranger)).await, []);
    let relations = bench
        .tx(move |tx| {
            let mut relation = |copy, user| tx.copies().relation(copy, user);
            Ok([
                relation(copy, teacher)?,
                relation(copy, stranger)?,
                relation(unknown, teacher)?,
            ])
        })
        .await;
    assert_eq!(
        relations,
        Ok([Some(Relation::Corrector), Some(Relation::Stranger), None])
    );
}

#[tokio::test]
async fn all_six_states_are_counted_also_where_there_is_no_copy() {
    let bench = Bench::new().await;
    bench.ready(b"one").await;
    bench.registered(b"two").await;
    bench.registered(b"three").await;
    let counts = bench
        .tx(|tx| tx.copies().count_by_status())
        .await
        .expect("the counts");
    let expected = Status::ALL
        .iter()
        .copied()
        .zip([2, 1, 0, 0, 0, 0])
        .collect::<Vec<_>>();
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn the_longest_wait_in_each_state_is_that_of_the_copy_that_has_not_changed_for_longest() {
    let bench = Bench::new().await;
    bench.registered(b"one").await;
    let waits = bench
        .tx(|tx| tx.copies().oldest_by_status())
        .await
        .expect("the waits");
    let (states, waited): (Vec<_>, Vec<_>) = waits.into_iter().unzip();
    assert_eq!(states, Status::ALL);
    let waits: Vec<bool> = waited.iter().map(|waited| !waited.is_zero()).collect();
    assert_eq!(waits, [true, false, false, false, false, false]);
}

#[tokio::test]
async fn pages_are_read_in_order_and_one_by_one() {
    let bench = Bench::new().await;
    let (copy, _) = bench.registered(b"scan").await;
    let (id, booklet) = (copy.id, copy.booklets[0].id);
    let many: Vec<_> = (0..2_500).map(page).collect();
    let stored = many.clone();
    bench
        .tx(move |tx| tx.pages().insert_all(id, booklet, &stored))
        .await
        .expect("the pages are stored");
    let last = PageIndex::new(2_499).expect("an index");
    let none = PageIndex::new(2_500).expect("an index");
    let (all, one, nothing) = bench
        .tx(move |tx| {
            Ok((
                tx.pages().of(id)?,
                tx.pages().get(id, last)?,
                tx.pages().get(id, none)?,
            ))
        })
        .await
        .expect("the pages are read");
    assert_eq!(all, many);
    assert_eq!((one, nothing), (many.last().cloned(), None));
}

#[tokio::test]
async fn only_blobs_that_nothing_refers_to_are_given_for_deletion() {
    let bench = Bench::new().await;
    bench.imported(b"scan").await;
    let (image, small) = (page(1).display.digest, page(0).thumbnail.digest);
    let asked = [
        Digest::of(b"orphan"),
        Digest::of(b"scan"),
        image,
        small,
        Digest::of(b"another"),
    ];
    let free = bench.tx(move |tx| tx.blobs().unreferenced(&asked)).await;
    assert_eq!(free, Ok(vec![Digest::of(b"orphan"), Digest::of(b"another")]));
    assert_eq!(bench.tx(|tx| tx.blobs().unreferenced(&[])).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_row_that_no_version_of_the_program_writes_is_called_corrupt() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"scan").await.id;
    bench.database.run(
        "SET session_replication_role = replica; UPDATE grading.copies SET status = 'LOCKED', lock_fence = 1",
    );
    let read = bench.tx(move |tx| tx.copies().get(copy)).await;
    assert_eq!(read, Err(Error::Corrupt { table: "copies" }));
}
