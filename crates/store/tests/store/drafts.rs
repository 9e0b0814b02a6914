//! Drafts: one per person and copy, saved from the version before, without a lock.

use domain::draft::{ClientId, Draft, DraftContent, DraftPayload};
use domain::{CopyId, UserId};
use store::Error;

use crate::harness::Bench;

const STALE: Error = Error::Stale { table: "drafts" };

fn draft((copy, user): (CopyId, UserId), version: i64, payload: &str) -> Draft {
    Draft {
        copy,
        user,
        content: DraftContent {
            client: ClientId::new("window-1").expect("a name"),
            payload: DraftPayload::new(payload).expect("a payload"),
        },
        version,
    }
}

async fn save(bench: &Bench, draft: &Draft) -> Result<domain::Timestamp, Error> {
    let draft = draft.clone();
    bench.tx(move |tx| tx.drafts().save(&draft)).await
}

async fn stored(bench: &Bench, (copy, user): (CopyId, UserId)) -> Option<(Draft, domain::Timestamp)> {
    let found = bench.tx(move |tx| {
        let (found, last) = (tx.drafts().get(copy, user)?, tx.drafts().last(copy, user)?);
        let there = last.filter(|last| !last.taken_back);
        assert_eq!(
            found.as_ref().map(|(draft, _)| draft.version),
            there.map(|last| last.version)
        );
        Ok(found)
    });
    found.await.expect("a look")
}

#[tokio::test]
async fn a_draft_is_read_as_it_was_saved_and_needs_no_lock() {
    let bench = Bench::new().await;
    let key = (bench.ready(b"scan").await.id, bench.teacher);
    assert!(stored(&bench, key).await.is_none());
    let largest = format!("\"{}\"", "x".repeat(DraftPayload::MAX_BYTES - 2));
    for (version, payload) in [(1, "{\"text\": \"l’œuvre\"}"), (2, largest.as_str())] {
        let new = draft(key, version, payload);
        let saved_at = save(&bench, &new).await.expect("the draft is saved");
        let (found, at) = stored(&bench, key).await.expect("the draft is there");
        assert!(found == new);
        assert_eq!(at, saved_at);
    }
}

#[tokio::test]
async fn a_save_from_an_old_version_is_stale() {
    let bench = Bench::new().await;
    let key = (bench.ready(b"scan").await.id, bench.teacher);
    for version in [1, 2] {
        save(&bench, &draft(key, version, "{}"))
            .await
            .expect("the draft is saved");
    }
    for version in [1, 2, 4] {
        let answer = save(&bench, &draft(key, version, "[]")).await;
        assert_eq!(answer, Err(STALE), "{version}");
    }
    let (found, _) = stored(&bench, key).await.expect("the draft is there");
    assert!(found == draft(key, 2, "{}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_first_saves_at_the_same_time_one_wins() {
    let bench = Bench::new().await;
    let key = (bench.ready(b"scan").await.id, bench.teacher);
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let [first, second] = ["1", "2"].map(|payload| {
        let (new, barrier) = (draft(key, 1, payload), std::sync::Arc::clone(&barrier));
        bench.tx(move |tx| {
            assert!(tx.drafts().last(new.copy, new.user)?.is_none());
            barrier.wait();
            tx.drafts().save(&new).map(|_at| new)
        })
    });
    let won = match tokio::join!(first, second) {
        (Ok(won), Err(STALE)) | (Err(STALE), Ok(won)) => won,
        (first, second) => panic!("not exactly one won: {:?} {:?}", first.err(), second.err()),
    };
    let (found, _) = stored(&bench, key).await.expect("the draft is there");
    assert!(found == won);
}

#[tokio::test]
async fn drafts_of_two_people_and_of_two_copies_do_not_meet() {
    let bench = Bench::new().await;
    let (one, other) = (bench.ready(b"one").await.id, bench.ready(b"other").await.id);
    let keys = [(one, bench.teacher), (one, bench.admin), (other, bench.teacher)];
    for (number, key) in keys.into_iter().enumerate() {
        let saved = save(&bench, &draft(key, 1, &number.to_string())).await;
        assert!(saved.is_ok());
    }
    let (copy, user) = keys[0];
    for _twice in 0..2 {
        let taken_back = bench.tx(move |tx| tx.drafts().take_back(copy, user)).await;
        assert_eq!(taken_back, Ok(()));
    }
    assert!(stored(&bench, keys[0]).await.is_none());
    let stale = save(&bench, &draft(keys[0], 2, "{}")).await;
    assert_eq!(stale, Err(STALE), "its version goes on where it was");
    assert!(save(&bench, &draft(keys[0], 3, "{}")).await.is_ok());
    for key in &keys[1..] {
        assert!(stored(&bench, *key).await.is_some());
    }
}

#[tokio::test]
async fn a_draft_outlives_the_lock() {
    let bench = Bench::new().await;
    let (copy, token) = bench.locked(b"scan").await;
    let key = (copy.id, bench.teacher);
    save(&bench, &draft(key, 1, "{}"))
        .await
        .expect("the draft is saved");
    let released = copy.release(Some(token), bench.asked(bench.teacher).await);
    let released = released.expect("the owner may").expect("there is a lock");
    bench.recorded(released).await;
    assert!(stored(&bench, key).await.is_some());
    assert!(save(&bench, &draft(key, 2, "{}")).await.is_ok());
}
