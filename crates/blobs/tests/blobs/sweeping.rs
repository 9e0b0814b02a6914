//! What nobody refers to goes; what somebody refers to stays, whatever happens in between.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::convert::Infallible;
use std::fs;
use std::time::SystemTime;

use blobs::{Error, SweepRules, Swept, sweep};
use domain::Digest;

use crate::harness::{Store, files_in, make_old};

/// Answers as a database would in which exactly `referenced` are referred to.
pub async fn swept(store: &Store, rules: SweepRules, referenced: &[Digest]) -> Swept {
    swept_at(store.now(), store, rules, referenced).await
}

/// The same, by another time.
pub async fn swept_at(now: SystemTime, store: &Store, rules: SweepRules, referenced: &[Digest]) -> Swept {
    let unreferenced = async |mut digests: Vec<Digest>| {
        digests.retain(|digest| !referenced.contains(digest));
        Ok::<_, Infallible>(digests)
    };
    sweep(&store.blobs, rules, now, unreferenced).await.unwrap()
}

#[tokio::test]
async fn an_old_object_without_references_is_deleted_and_no_other() {
    let store = Store::new();
    let orphan = store.put_long_ago(b"orphan").await;
    let referenced = store.put_long_ago(b"referenced").await;
    let young = store.blobs.put(&b"young"[..]).await.unwrap().digest;

    let result = swept(&store, SweepRules::default(), &[referenced]).await;

    assert_eq!(
        result,
        Swept {
            examined: 3,
            deleted: 1,
            bytes: 6,
            ..Swept::default()
        }
    );
    assert!(matches!(store.blobs.get(orphan).await, Err(Error::NotFound(_))));
    assert_eq!(store.blobs.get(referenced).await.unwrap(), "referenced");
    assert_eq!(store.blobs.get(young).await.unwrap(), "young");
    assert_eq!(files_in(&store.inside("swept")), 0);
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let store = Store::new();
    let orphan = store.put_long_ago(b"orphan").await;
    let torn = store.inside("incoming").join("torn");
    fs::write(&torn, "half").unwrap();
    make_old(&torn);

    let result = swept(
        &store,
        SweepRules {
            dry_run: true,
            ..SweepRules::default()
        },
        &[],
    )
    .await;

    assert_eq!(
        result,
        Swept {
            examined: 1,
            deleted: 1,
            bytes: 6,
            stale_uploads: 1,
            ..Swept::default()
        }
    );
    assert_eq!(store.blobs.get(orphan).await.unwrap(), "orphan");
    assert!(torn.exists());
}

#[tokio::test]
async fn a_sweep_stops_at_its_limit() {
    for store in Store::both().await {
        for bytes in [&b"1"[..], b"2", b"3", b"4", b"5"] {
            store.put_long_ago(bytes).await;
        }
        let rules = SweepRules {
            max_deletes: 3,
            ..SweepRules::default()
        };
        let tried = SweepRules {
            dry_run: true,
            ..rules
        };
        for (rules, deleted, more) in [(tried, 3, true), (rules, 3, true), (rules, 2, false)] {
            let swept = swept(&store, rules, &[]).await;
            assert_eq!((swept.deleted, swept.more), (deleted, more));
        }
    }
}

#[tokio::test]
async fn an_upload_that_was_left_behind_is_removed_and_one_under_way_is_not() {
    let store = Store::new();
    let torn = store.inside("incoming").join("torn");
    fs::write(&torn, "half").unwrap();
    make_old(&torn);
    let mut upload = store.blobs.begin().await.unwrap();
    upload.write("under way").await.unwrap();

    assert_eq!(swept(&store, SweepRules::default(), &[]).await.stale_uploads, 1);

    assert!(!torn.exists());
    let digest = upload.finish().await.unwrap().digest;
    assert_eq!(store.blobs.get(digest).await.unwrap(), "under way");
}

/// Runs a sweep in which the same bytes are uploaded while question number `moment` is being answered, and are
/// referred to only after the sweep: the worst case for whoever uploads.
async fn upload_during_question(moment: usize) -> (Store, Swept) {
    let store = Store::new();
    let digest = store.put_long_ago(b"wanted again").await;
    let questions = Cell::new(0);
    let unreferenced = async |digests: Vec<Digest>| {
        questions.set(questions.get() + 1);
        if questions.get() == moment {
            store.blobs.put(&b"wanted again"[..]).await.unwrap();
        }
        Ok::<_, Infallible>(digests)
    };
    let swept = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced)
        .await
        .unwrap();
    assert_eq!(questions.get(), 2);
    assert_eq!(store.blobs.get(digest).await.unwrap(), "wanted again");
    assert_eq!(files_in(&store.inside("swept")), 0);
    (store, swept)
}

#[tokio::test]
async fn an_upload_before_the_object_is_moved_aside_survives() {
    let (_store, swept) = upload_during_question(1).await;
    assert_eq!((swept.deleted, swept.restored), (0, 1));
}

#[tokio::test]
async fn an_upload_while_the_object_is_aside_survives() {
    let (store, swept) = upload_during_question(2).await;
    assert_eq!((swept.deleted, swept.restored), (1, 0));
    // And it is young.
    assert_eq!(
        crate::sweeping::swept(&store, SweepRules::default(), &[])
            .await
            .deleted,
        0
    );
}

#[tokio::test]
async fn a_reference_that_appears_in_time_brings_the_object_back() {
    let store = Store::new();
    let digest = store.put_long_ago(b"referred to in time").await;
    let asked = RefCell::new(HashSet::new());
    let unreferenced = async |digests: Vec<Digest>| {
        // It can be read in every phase.
        assert_eq!(store.blobs.get(digest).await.unwrap(), "referred to in time");
        assert!(store.blobs.exists(digest).await.unwrap());
        let mut asked = asked.borrow_mut();
        Ok::<_, Infallible>(
            digests
                .into_iter()
                .filter(|digest| asked.insert(*digest))
                .collect(),
        )
    };

    let result = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced)
        .await
        .unwrap();

    assert_eq!((result.deleted, result.restored), (0, 1));
    assert!(store.object(&digest).exists());
    assert_eq!(files_in(&store.inside("swept")), 0);
}

#[tokio::test]
async fn without_an_answer_nothing_is_deleted() {
    let store = Store::new();
    let digest = store.put_long_ago(b"who knows").await;
    for answers in 0..2 {
        let questions = Cell::new(0);
        let unreferenced = async |digests: Vec<Digest>| {
            questions.set(questions.get() + 1);
            if questions.get() > answers {
                Err("no database")
            } else {
                Ok(digests)
            }
        };
        let result = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced).await;
        assert!(matches!(result, Err(Error::References(_))));
        assert!(store.object(&digest).exists());
        assert_eq!(files_in(&store.inside("swept")), 0);
    }
}

#[tokio::test]
async fn an_answer_about_other_objects_deletes_nothing() {
    for store in Store::both().await {
        let young = store.blobs.put(&b"young"[..]).await.unwrap().digest;
        store.put_long_ago(b"old").await;
        let unreferenced = async |_: Vec<Digest>| Ok::<_, Infallible>(vec![young]);
        let result = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced)
            .await
            .unwrap();
        assert_eq!(result.deleted, 0);
        assert_eq!(store.blobs.get(young).await.unwrap(), "young");
    }
}

#[tokio::test]
async fn the_next_sweep_decides_about_what_a_killed_one_left_aside() {
    let store = Store::new();
    let orphan = store.put_long_ago(b"orphan").await;
    let referenced = store.put_long_ago(b"referenced").await;
    for digest in [orphan, referenced] {
        fs::rename(
            store.object(&digest),
            store.inside("swept").join(digest.to_string()),
        )
        .unwrap();
    }
    assert_eq!(store.blobs.get(referenced).await.unwrap(), "referenced");

    let result = swept(&store, SweepRules::default(), &[referenced]).await;

    assert_eq!((result.deleted, result.restored), (1, 1));
    assert!(store.object(&referenced).exists());
    assert!(matches!(store.blobs.get(orphan).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn files_that_are_not_objects_are_left_alone() {
    for store in Store::both().await {
        let digest = store.put_long_ago(b"orphan").await;
        let foreign = store.object(&digest).with_file_name("README");
        fs::write(&foreign, "not ours").unwrap();
        make_old(&foreign);

        assert_eq!(swept(&store, SweepRules::default(), &[]).await.examined, 1);
        assert!(foreign.exists());
    }
}
