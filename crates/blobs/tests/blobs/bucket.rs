//! What is different in a bucket, as it looks behind the server's back: a sweep that decides a day later.

use std::cell::Cell;
use std::convert::Infallible;
use std::fs;

use blobs::{Error, SweepRules, Swept, sweep};
use domain::Digest;

use crate::harness::{Store, files_in, make_old};
use crate::sweeping::swept;

#[tokio::test]
async fn an_upload_that_is_not_finished_leaves_nothing_here_and_nothing_there() {
    let store = Store::in_a_bucket().await;
    let mut upload = store.blobs.begin().await.unwrap();
    upload.write(vec![7; 600_000]).await.unwrap();
    // Not even while it is under way: it would outlive a process that is killed.
    assert_eq!(files_in(&store.beside("blobs").join("incoming")), 0);
    drop(upload);
    assert!(matches!(store.blobs.put(&b""[..]).await, Err(Error::Empty)));
    assert_eq!(files_in(&store.inside("")), 0);
}

#[tokio::test]
async fn what_is_deleted_can_be_read_until_it_is_as_old_as_any_other() {
    let store = Store::in_a_bucket().await;
    let orphan = store.put_long_ago(b"orphan").await;
    let referenced = store.put_long_ago(b"referenced").await;
    let young = store.blobs.put(&b"young"[..]).await.unwrap().digest;

    let first = swept(&store, SweepRules::default(), &[referenced]).await;
    let deleted = Swept {
        examined: 3,
        deleted: 1,
        bytes: 6,
        ..Swept::default()
    };
    assert_eq!(first, deleted);
    assert!(!store.object(&orphan).exists());
    assert_eq!(store.blobs.get(orphan).await.unwrap(), "orphan");
    assert!(store.blobs.exists(orphan).await.unwrap());

    let at_once = swept(&store, SweepRules::default(), &[referenced]).await;
    assert_eq!((at_once.deleted, store.aside()), (0, 1));
    age_what_is_aside(&store);
    let later = swept(&store, SweepRules::default(), &[referenced]).await;
    assert_eq!((later.deleted, later.restored, store.aside()), (0, 0, 0));
    assert!(matches!(store.blobs.get(orphan).await, Err(Error::NotFound(_))));
    assert_eq!(store.blobs.get(referenced).await.unwrap(), "referenced");
    assert_eq!(store.blobs.get(young).await.unwrap(), "young");
}

#[tokio::test]
async fn a_reference_that_appears_while_an_object_is_aside_brings_it_back() {
    let store = Store::in_a_bucket().await;
    let digest = store.put_long_ago(b"referred to in time").await;
    assert_eq!(swept(&store, SweepRules::default(), &[]).await.deleted, 1);

    age_what_is_aside(&store);
    let result = swept(&store, SweepRules::default(), &[digest]).await;

    assert_eq!((result.deleted, result.restored, store.aside()), (0, 1, 0));
    assert!(store.object(&digest).exists());
    assert_eq!(store.blobs.get(digest).await.unwrap(), "referred to in time");
}

#[tokio::test]
async fn an_upload_survives_a_sweep_whenever_it_comes() {
    let store = Store::in_a_bucket().await;
    let digest = store.put_long_ago(b"wanted again").await;
    let unreferenced = async |digests: Vec<Digest>| {
        store.blobs.put(&b"wanted again"[..]).await.unwrap();
        Ok::<_, Infallible>(digests)
    };
    let during = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced)
        .await
        .unwrap();
    // The copy stays for a while: another sweeper may be about to delete what it was made of.
    assert_eq!((during.deleted, during.restored, store.aside()), (0, 1, 1));

    make_old(&store.object(&digest));
    assert_eq!(swept(&store, SweepRules::default(), &[]).await.deleted, 1);
    store.blobs.put(&b"wanted again"[..]).await.unwrap();
    age_what_is_aside(&store);
    assert_eq!(swept(&store, SweepRules::default(), &[]).await.deleted, 0);
    assert_eq!(store.aside(), 0);
    assert_eq!(store.blobs.get(digest).await.unwrap(), "wanted again");
}

#[tokio::test]
async fn without_an_answer_nothing_that_is_aside_is_deleted() {
    let store = Store::in_a_bucket().await;
    let digest = store.put_long_ago(b"who knows").await;
    assert_eq!(swept(&store, SweepRules::default(), &[]).await.deleted, 1);
    age_what_is_aside(&store);

    let asked = Cell::new(0);
    let unreferenced = async |_: Vec<Digest>| {
        asked.set(asked.get() + 1);
        Err::<Vec<Digest>, _>("no database")
    };
    let result = sweep(&store.blobs, SweepRules::default(), store.now(), unreferenced).await;

    assert!(matches!(result, Err(Error::References(_))));
    assert_eq!(asked.get(), 1);
    assert_eq!(store.blobs.get(digest).await.unwrap(), "who knows");
}

/// As if a week had gone by since.
fn age_what_is_aside(store: &Store) {
    let aside = fs::read_dir(store.inside("swept")).unwrap();
    aside.for_each(|file| make_old(&file.unwrap().path()));
}
