//! What is so in the bucket of any server that speaks S3: `make test` asks the one of the tests, `make prove ARGS=s3` that of Ceph.
//!
//! Nobody looks behind the server's back here. A sweep is told a later time instead, at which what was just written is old.

use std::convert::Infallible;
use std::fs;
use std::time::{Duration, SystemTime};

use blobs::{Blobs, Config, Error, SweepRules, Swept, clock, sweep};
use bytes::Bytes;
use domain::Digest;
use domain::secret::Secret;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use testkit::S3;

use crate::harness::Store;
use crate::sweeping::swept_at;

/// Longer than any tick by which the times of files go.
const TICK: Duration = Duration::from_millis(50);

/// Sweeps as if it were so late that what was written before `moment` is old.
async fn swept(store: &Store, moment: SystemTime, referenced: &[Digest]) -> Swept {
    let rules = SweepRules::default();
    swept_at(moment + rules.min_age, store, rules, referenced).await
}

async fn put(store: &Store, bytes: impl Into<Bytes>) -> Digest {
    store.blobs.put(bytes.into()).await.unwrap().digest
}

/// Before anything that a test writes.
fn long_ago() -> SystemTime {
    clock() - Duration::from_hours(1)
}

/// After everything that a test has written.
fn later() -> SystemTime {
    clock() + Duration::from_hours(1)
}

fn second_of(moment: SystemTime) -> u64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn what_is_written_is_read_in_one_in_pieces_and_into_a_file() {
    let store = Store::anywhere().await;
    // The last one is sent in parts.
    for size in [1, 600_000, 13_000_000_u32] {
        let bytes: Vec<u8> = (0..size).map(|number| number.to_le_bytes()[1]).collect();
        let digest = Digest::of(&bytes);
        let mut upload = store.blobs.begin().await.unwrap();
        upload.write(&bytes).await.unwrap();
        assert!(!store.blobs.exists(digest).await.unwrap());
        assert_eq!(upload.finish().await.unwrap().digest, digest);

        assert!(store.blobs.exists(digest).await.unwrap());
        assert!(store.blobs.get(digest).await.unwrap() == bytes);
        let (told, pieces) = store.blobs.stream(digest).await.unwrap();
        let pieces: Vec<_> = pieces.try_collect().await.unwrap();
        assert_eq!(told.bytes(), u64::from(size));
        assert!(pieces.concat() == bytes);
        let copy = store.beside(&size.to_string());
        store.blobs.copy_to(digest, &copy).await.unwrap();
        assert!(fs::read(copy).unwrap() == bytes);
    }
}

#[tokio::test]
async fn what_nobody_wrote_is_missing() {
    let store = Store::anywhere().await;
    let digest = Digest::of(b"never stored");
    assert!(!store.blobs.exists(digest).await.unwrap());
    assert!(matches!(store.blobs.get(digest).await, Err(Error::NotFound(_))));
    assert!(matches!(
        store.blobs.stream(digest).await,
        Err(Error::NotFound(_))
    ));
}

#[tokio::test]
async fn what_nobody_refers_to_is_aside_for_a_day_before_it_is_gone() {
    let store = Store::anywhere().await;
    let orphan = put(&store, "orphan").await;
    let referenced = put(&store, "referenced").await;

    let young = swept(&store, long_ago(), &[referenced]).await;
    assert_eq!((young.examined, young.deleted), (2, 0));
    let first = swept(&store, later(), &[referenced]).await;
    assert_eq!((first.deleted, first.bytes), (1, 6));
    // Aside, it is young again, and is read as before.
    let second = swept(&store, long_ago(), &[referenced]).await;
    assert_eq!((second.examined, second.deleted), (1, 0));
    assert_eq!(store.blobs.get(orphan).await.unwrap(), "orphan");
    assert!(store.blobs.exists(orphan).await.unwrap());

    swept(&store, later(), &[referenced]).await;
    assert!(matches!(store.blobs.get(orphan).await, Err(Error::NotFound(_))));
    assert_eq!(store.blobs.get(referenced).await.unwrap(), "referenced");
}

#[tokio::test]
async fn what_is_referred_to_again_comes_back() {
    let store = Store::anywhere().await;
    let digest = put(&store, "referred to in time").await;
    assert_eq!(swept(&store, later(), &[]).await.deleted, 1);
    let back = swept(&store, later(), &[digest]).await;
    assert_eq!((back.deleted, back.restored), (0, 1));
    assert_eq!(store.blobs.get(digest).await.unwrap(), "referred to in time");
}

#[tokio::test]
async fn what_is_written_again_while_a_sweep_asks_about_it_stays() {
    let store = Store::anywhere().await;
    let digest = put(&store, "wanted again").await;
    let before = clock();
    let rules = SweepRules::default();
    let unreferenced = async |digests: Vec<Digest>| {
        // A server may tell the second only, and that of a clock which is behind by a tick.
        let mut is_later = false;
        while !is_later {
            is_later = second_of(clock() - TICK) > second_of(before);
            put(&store, "wanted again").await;
        }
        Ok::<_, Infallible>(digests)
    };
    let during = sweep(&store.blobs, rules, before + rules.min_age, unreferenced)
        .await
        .unwrap();
    assert_eq!((during.deleted, during.restored), (0, 1));

    // What was copied aside meanwhile goes by itself.
    swept(&store, later(), &[digest]).await;
    assert_eq!(store.blobs.get(digest).await.unwrap(), "wanted again");
}

#[tokio::test]
async fn a_sweep_sees_more_objects_than_the_server_names_at_once() {
    // A server names a thousand.
    const MANY: u64 = 1_001;
    let store = Store::anywhere().await;
    // A sweep asks for those whose digests begin alike.
    let alike = (0_u32..).filter(|number| Digest::of(&number.to_le_bytes()).to_string().starts_with("5e"));
    let written: Vec<Digest> = stream::iter(alike.take(usize::try_from(MANY).unwrap()))
        .map(|number| put(&store, number.to_le_bytes().to_vec()))
        .buffer_unordered(16)
        .collect()
        .await;
    assert_eq!(swept(&store, later(), &written).await.examined, MANY);
}

#[tokio::test]
async fn a_bucket_is_read_where_nothing_can_be_written() {
    let server = S3::anywhere().await;
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
async fn a_storage_that_refuses_or_is_not_there_is_no_storage_without_the_object() {
    let server = S3::anywhere().await;
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
