//! Copies that become one, and booklets that change places: no page is lost, whoever tries.

use domain::audit::{Action, EraseCause, IdentityMethod};
use domain::copy::{Copy, Import, Merge, Part, Room, Standing, State};
use domain::{Digest, FileSize, PageCount, StudentId};

use crate::harness::{Bench, attempt};

const NOBODY: Standing = Standing {
    known: None,
    released: false,
};

fn untouched(copy: &Copy) -> Part {
    Part {
        copy: copy.clone(),
        touched: false,
    }
}

async fn merge(bench: &Bench, kept: &Copy, other: &Copy, others: Standing) -> Merge {
    let room = Room {
        pages: PageCount::new(500).expect("a number of pages"),
        bytes: FileSize::new(10_000).expect("a size"),
    };
    let asked = bench.asked(bench.admin).await;
    let merge = untouched(kept).merge(untouched(other), (NOBODY, others), room, asked);
    merge.expect("they can be merged")
}

/// Stores it, and gives the copy with the pages of both.
async fn merged(bench: &Bench, kept: &Copy, other: &Copy) -> Copy {
    let merge = merge(bench, kept, other, NOBODY).await;
    let after = merge.kept().copy().clone();
    let stored = bench.tx(move |tx| tx.merge(&merge)).await;
    assert_eq!(stored.expect("the merge is stored").len(), 2);
    after
}

/// For each page of the copy where it lies and the booklet that it came in.
async fn places(bench: &Bench, copy: &Copy) -> Vec<(u16, usize)> {
    let id = copy.id;
    let pages = bench.tx(move |tx| tx.pages().of(id)).await.expect("the pages");
    let query = format!("SELECT booklet_id::text FROM grading.pages WHERE copy_id = '{id}' ORDER BY index");
    let booklets = bench.database.texts(&query);
    let position = |booklet: &String| {
        let mut booklets = copy.booklets.iter();
        booklets.position(|known| known.id.to_string() == *booklet)
    };
    let booklets = booklets.iter().map(|booklet| position(booklet).expect("its own"));
    pages.iter().map(|page| page.index.get()).zip(booklets).collect()
}

#[tokio::test]
async fn the_pages_of_both_are_in_the_one_and_the_other_is_put_aside() {
    let bench = Bench::new().await;
    let (kept, other) = (bench.ready(b"one").await, bench.ready(b"two").await);
    let after = merged(&bench, &kept, &other).await;
    assert_eq!(bench.stored(kept.id).await, after);
    let four = PageCount::new(4).expect("a number of pages");
    assert_eq!(after.state, State::Ready { pages: four });
    assert_eq!(places(&bench, &after).await, [(0, 0), (1, 0), (2, 1), (3, 1)]);
    let (id, other_id, exam) = (kept.id, other.id, bench.exam);
    let (emptied, seen, source, counts) = bench
        .tx(move |tx| {
            Ok((
                tx.copies().for_update(other_id)?,
                tx.copies().get(other_id)?,
                tx.booklets().by_source(exam, Digest::of(b"two"))?,
                tx.booklets().page_counts(id)?,
            ))
        })
        .await
        .expect("a look");
    let emptied = emptied.expect("its row stays");
    let two = PageCount::new(2).expect("a number of pages");
    assert_eq!(emptied.state, State::Discarded(Import::Done { pages: two }));
    assert_eq!((emptied.booklets.len(), seen), (0, None));
    // The same bytes still make no other copy.
    assert_eq!(source, Some(kept.id));
    let ids = after.booklets.iter().map(|booklet| (booklet.id, 2));
    assert_eq!(counts, ids.collect::<Vec<_>>());
    assert_eq!(bench.database.verify_chains(), Ok(()));
    let agree = bench.tx(|tx| tx.reconciliation().run()).await.expect("a look");
    assert!(agree.iter().all(|(_, count)| *count == 0), "{agree:?}");
}

#[tokio::test]
async fn booklets_change_places_with_their_pages() {
    let bench = Bench::new().await;
    let (kept, other) = (bench.imported(b"one").await, bench.imported(b"two").await);
    let third = bench.imported(b"three").await;
    let after = merged(&bench, &kept, &other).await;
    let after = merged(&bench, &after, &third).await;
    let order: Vec<_> = [2, 0, 1].map(|place: usize| after.booklets[place].id).into();
    let asked = bench.asked(bench.admin).await;
    let reordering = untouched(&after)
        .reorder(&order, asked)
        .expect("it can be reordered")
        .expect("it is another order");
    let turned = reordering.transition().copy().clone();
    let entry = bench.tx(move |tx| tx.reorder(&reordering)).await;
    assert_eq!(entry.expect("the order is stored").action, Action::Reorder);
    assert_eq!(bench.stored(kept.id).await, turned);
    let expected = [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2)];
    assert_eq!(places(&bench, &turned).await, expected);
    let third = third.booklets[0].id;
    assert_eq!(turned.booklets[0].id, third);
}

#[tokio::test]
async fn whose_it_is_comes_along() {
    let bench = Bench::new().await;
    let (kept, other) = (bench.ready(b"one").await, bench.ready(b"two").await);
    let student: StudentId = bench.database.pupil().parse().expect("an id");
    let asked = bench.asked(bench.admin).await;
    let identified = other
        .identify(NOBODY, student, IdentityMethod::Manual, asked)
        .expect("it can be identified")
        .expect("it is news");
    bench
        .tx(move |tx| tx.identify(&identified).map(|_entry| ()))
        .await
        .expect("it is stored");
    let known = Standing {
        known: Some((student, IdentityMethod::Manual)),
        ..NOBODY
    };
    let merge = merge(&bench, &kept, &other, known).await;
    let entries = bench.tx(move |tx| tx.merge(&merge)).await.expect("it is stored");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action, entry.subject.copy()))
        .collect();
    let expected = [
        (Action::Identify, Some(other.id)),
        (Action::Identify, Some(kept.id)),
        (Action::Merge, Some(other.id)),
        (Action::Merge, Some(kept.id)),
    ];
    assert_eq!(told, expected);
    let copies = bench.tx(move |tx| tx.identities().copies_of(student)).await;
    assert_eq!(copies, Ok(vec![kept.id]));
}

#[tokio::test]
async fn a_merge_of_copies_that_have_changed_since_is_refused() {
    let bench = Bench::new().await;
    let (one, two) = (bench.ready(b"one").await, bench.ready(b"two").await);
    let this = merge(&bench, &one, &two, NOBODY).await;
    let that = merge(&bench, &two, &one, NOBODY).await;
    bench
        .tx(move |tx| tx.merge(&this))
        .await
        .expect("the first is stored");
    let second = bench.tx(move |tx| tx.merge(&that)).await;
    assert!(second.is_err());
    assert_eq!(bench.stored(one.id).await.booklets.len(), 2);
}

#[tokio::test]
async fn a_merged_copy_is_erased_with_all_its_files() {
    let bench = Bench::new().await;
    let (kept, other) = (bench.ready(b"one").await, bench.ready(b"two").await);
    let after = merged(&bench, &kept, &other).await;
    let files = [b"one", b"two"].map(|file| Digest::of(file));
    let free = || bench.tx(move |tx| tx.blobs().unreferenced(&files));
    assert_eq!(free().await, Ok(Vec::new()));
    let asked = bench.asked(bench.admin).await;
    let erased = after.erase(EraseCause::Pupil, asked).expect("it can be erased");
    bench
        .tx(move |tx| tx.erase(&erased).map(|_entry| ()))
        .await
        .expect("it is erased");
    assert_eq!(free().await, Ok(files.to_vec()));
}

#[tokio::test]
async fn what_anybody_has_begun_with_is_touched() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"one").await;
    let (id, teacher) = (copy.id, bench.teacher);
    let touched = || bench.tx(move |tx| tx.booklets().are_touched(id));
    assert_eq!(touched().await, Ok(false));
    bench.database.run(&format!(
        "INSERT INTO grading.drafts (copy_id, user_id, client_id, version, payload)
         VALUES ('{id}', '{teacher}', 'window', 1, '{{}}')"
    ));
    assert_eq!(touched().await, Ok(true));
    bench
        .tx(move |tx| tx.drafts().take_back(id, teacher))
        .await
        .expect("it is taken back");
    assert_eq!(touched().await, Ok(false));
}

#[tokio::test]
async fn no_page_is_lost_doubled_or_torn_from_its_booklet_by_hand() {
    let bench = Bench::new().await;
    let (kept, other) = (bench.ready(b"one").await, bench.ready(b"two").await);
    let after = merged(&bench, &kept, &other).await;
    let third = bench.imported(b"three").await;
    let (one, three) = (after.id, third.id);
    let [first, second] = [0, 1].map(|place: usize| after.booklets[place].id);
    let places = "places of booklets";
    for (sql, rule) in [
        (
            format!("UPDATE grading.pages SET index = 9 WHERE copy_id = '{one}' AND index = 3"),
            "pages are lost or lie apart",
        ),
        (
            format!(
                "UPDATE grading.pages SET copy_id = '{three}', index = 2 WHERE copy_id = '{one}' AND index = 3"
            ),
            "pages are lost or lie apart",
        ),
        (
            format!("UPDATE grading.booklets SET position = 7 WHERE id = '{first}'"),
            "pages are not where their booklets are",
        ),
        (
            format!("UPDATE grading.booklets SET copy_id = '{three}', position = 1 WHERE id = '{second}'"),
            "pages are not where their booklets are",
        ),
        (
            format!("UPDATE grading.booklets SET position = 0 WHERE id = '{second}'"),
            places,
        ),
        (
            format!("DELETE FROM grading.pages WHERE copy_id = '{one}'"),
            "permission denied for table pages",
        ),
    ] {
        let said = attempt(&bench.database.app_url(), &sql).expect_err(&sql);
        let expected = if rule == places {
            "duplicate key value violates unique constraint \"booklets_position_once\""
        } else {
            rule
        };
        assert_eq!(said, expected, "{sql}");
    }
}
