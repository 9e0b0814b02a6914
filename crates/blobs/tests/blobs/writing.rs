//! An object has its name when it is whole, and not before.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use blobs::Error;
use domain::Digest;

use crate::harness::{Store, files_in, make_old, modified};

#[tokio::test]
async fn an_object_is_named_by_the_digest_of_its_bytes() {
    for store in Store::both().await {
        let stored = store.blobs.put(&b"a scan"[..]).await.unwrap();

        assert_eq!(stored.digest, Digest::of(b"a scan"));
        assert_eq!(stored.size.bytes(), 6);
        assert_eq!(fs::read(store.object(&stored.digest)).unwrap(), b"a scan");
        assert!(store.blobs.exists(stored.digest).await.unwrap());
        assert!(!store.blobs.exists(Digest::of(b"another")).await.unwrap());
    }
}

#[tokio::test]
async fn only_the_owner_can_read_objects() {
    let store = Store::new();
    let digest = store.blobs.put(&b"a scan"[..]).await.unwrap().digest;

    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.object(&digest)), 0o600);
    assert_eq!(mode(store.inside("sha256")), 0o700);
}

#[tokio::test]
async fn pieces_become_the_object_that_they_are_together() {
    for store in Store::both().await {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();

        let mut upload = store.blobs.begin().await.unwrap();
        for piece in bytes.chunks(70_001) {
            upload.write(piece).await.unwrap();
        }
        assert_eq!(upload.size(), 1_000_000);
        let stored = upload.finish().await.unwrap();

        assert_eq!(stored.digest, Digest::of(&bytes));
        assert_eq!(store.blobs.get(stored.digest).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn the_same_bytes_are_one_object_that_becomes_young_again() {
    for store in Store::both().await {
        let digest = store.put_long_ago(b"a scan").await;
        let before = modified(&store.object(&digest));

        let again = store.blobs.put(&b"a scan"[..]).await.unwrap();

        assert_eq!(again.digest, digest);
        assert!(modified(&store.object(&digest)) > before);
        assert_eq!(files_in(store.object(&digest).parent().unwrap()), 1);
    }
}

#[tokio::test]
async fn an_upload_that_is_not_finished_leaves_nothing() {
    let store = Store::new();
    let bytes = vec![7; 600_000];

    let mut upload = store.blobs.begin().await.unwrap();
    upload.write(&bytes).await.unwrap();
    assert!(!store.blobs.exists(Digest::of(&bytes)).await.unwrap());
    assert_eq!(files_in(&store.inside("incoming")), 1);
    drop(upload);

    assert_eq!(files_in(&store.inside("incoming")), 0);
    assert_eq!(files_in(&store.inside("sha256")), 0);
}

#[tokio::test]
async fn an_empty_object_is_refused_and_leaves_nothing() {
    let store = Store::new();
    assert!(matches!(store.blobs.put(&b""[..]).await, Err(Error::Empty)));
    assert!(matches!(
        store.blobs.begin().await.unwrap().finish().await,
        Err(Error::Empty)
    ));
    assert_eq!(files_in(&store.inside("incoming")), 0);
}

#[tokio::test]
async fn a_file_is_stored_as_a_copy() {
    for store in Store::both().await {
        let path = store.beside("scan.pdf");
        let bytes = vec![42; 600_000];
        fs::write(&path, &bytes).unwrap();

        let stored = store.blobs.put_file(&path).await.unwrap();

        assert_eq!(stored.digest, Digest::of(&bytes));
        assert_eq!(stored.size.bytes(), 600_000);
        assert!(path.exists());
        assert!(matches!(
            store.blobs.put_file(&store.beside("missing")).await,
            Err(Error::File(_))
        ));
    }
}

#[tokio::test]
async fn many_writers_of_the_same_bytes_do_not_disturb_each_other() {
    let store = Store::new();
    let writers = (0..16).map(|_| store.blobs.put(&b"the same"[..]));
    for stored in futures::future::join_all(writers).await {
        assert_eq!(store.blobs.get(stored.unwrap().digest).await.unwrap(), "the same");
    }
    assert_eq!(files_in(&store.inside("incoming")), 0);
}

#[tokio::test]
async fn what_a_killed_process_left_has_no_name_of_an_object() {
    let store = Store::new();
    // What the kernel keeps of a process that was killed in the middle of an upload.
    let torn = store.inside("incoming").join("torn");
    fs::write(&torn, "half a sc").unwrap();
    make_old(&torn);
    assert!(!store.blobs.exists(Digest::of(b"half a sc")).await.unwrap());
}

#[tokio::test]
async fn room_is_looked_for_by_writing_and_nothing_is_left_of_it() {
    let store = Store::new();
    store.blobs.try_room().await.unwrap();
    let room = store.blobs.room().await.unwrap().unwrap();
    assert!(room.free > 0 && room.free <= room.size, "{room:?}");
    assert_eq!(files_in(&store.inside("incoming")), 0);

    // A volume that is gone, or full.
    fs::rename(store.inside("incoming"), store.beside("away")).unwrap();
    assert!(store.blobs.try_room().await.is_err());
}
