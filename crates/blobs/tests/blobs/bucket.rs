//! What is different in a bucket: parts, requests that fail, and a sweep that decides a day later.

use std::cell::Cell;
use std::convert::Infallible;
use std::fs;

use blobs::{Blobs, Config, Error, SweepRules, Swept, sweep};
use domain::Digest;
use domain::secret::Secret;
use testkit::S3;

use crate::harness::{Store, files_in, make_old};
use crate::sweeping::swept;

#[tokio::test]
async fn an_object_of_several_parts_appears_when_the_last_one_is_there() {
    let store = Store::in_a_bucket().await;
    let bytes: Vec<u8> = (0..13_000_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    let digest = Digest::of(&bytes);

    let mut upload = store.blobs.begin().await.unwrap();
    upload.write(&bytes).await.unwrap();
    assert!(!store.blobs.exists(digest).await.unwrap());
    assert_eq!(upload.finish().await.unwrap().digest, digest);

    assert!(store.blobs.exists(digest).await.unwrap());
    assert_eq!(store.blobs.get(digest).await.unwrap(), bytes);
    assert_eq!(fs::read(store.object(&digest)).unwrap(), bytes);
}

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
async fn a_bucket_is_read_where_nothing_can_be_written() {
    let server = S3::start().await;
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("blobs");
    let writer = Blobs::open(&server.config(place.clone())).unwrap();
    assert!(!place.exists());
    let digest = writer.put(&b"to be kept"[..]).await.unwrap().digest;

    let reader = Blobs::open(&server.config("/dev/null/blobs".into())).unwrap();
    assert_eq!(reader.get(digest).await.unwrap(), "to be kept");
    assert!(matches!(reader.begin().await, Err(Error::Write(_))));
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

#[tokio::test]
async fn a_storage_that_refuses_or_is_not_there_is_no_storage_without_the_object() {
    let server = S3::start().await;
    let directory = tempfile::tempdir().unwrap();
    let config = server.config(directory.path().join("blobs"));
    let bucket = Blobs::open(&config).unwrap();
    bucket.try_room().await.unwrap();
    assert_eq!(bucket.room().await.unwrap(), None);

    let with = |change: fn(&mut blobs::S3)| {
        let mut bucket = config.bucket.clone().unwrap();
        change(&mut bucket);
        Blobs::open(&Config {
            bucket: Some(bucket),
            ..config.clone()
        })
        .unwrap()
    };
    let wrong_key = with(|bucket| bucket.secret = Secret::new("guessed"));
    let elsewhere = with(|bucket| bucket.url = "http://127.0.0.1:1".to_owned());
    for blobs in [wrong_key, elsewhere] {
        assert!(matches!(blobs.try_room().await, Err(Error::Read(_))));
        assert!(matches!(
            blobs.get(Digest::of(b"a scan")).await,
            Err(Error::Read(_))
        ));
        assert!(matches!(blobs.put(&b"a scan"[..]).await, Err(Error::Write(_))));
    }
    let no_bucket = with(|bucket| bucket.bucket = "another".to_owned());
    assert!(matches!(no_bucket.try_room().await, Err(Error::Read(_))));
}

/// As if a week had gone by since.
fn age_what_is_aside(store: &Store) {
    let aside = fs::read_dir(store.inside("swept")).unwrap();
    aside.for_each(|file| make_old(&file.unwrap().path()));
}
