//! What is read is what was written, or an error.

use std::fs;

use blobs::Error;
use domain::Digest;
use futures::StreamExt as _;

use crate::harness::Store;

#[tokio::test]
async fn a_missing_object_is_not_found() {
    for store in Store::both().await {
        let digest = Digest::of(b"never stored");
        assert!(matches!(store.blobs.get(digest).await, Err(Error::NotFound(missing)) if missing == digest));
        assert!(matches!(
            store.blobs.stream(digest).await,
            Err(Error::NotFound(_))
        ));
        let copy = store.beside("copy");
        assert!(matches!(
            store.blobs.copy_to(digest, &copy).await,
            Err(Error::NotFound(_))
        ));
        assert!(!copy.exists());
    }
}

#[tokio::test]
async fn a_stream_gives_all_bytes_in_pieces() {
    for store in Store::both().await {
        let bytes = vec![3; 600_000];
        let digest = store.blobs.put(bytes.clone()).await.unwrap().digest;

        let (size, pieces) = store.blobs.stream(digest).await.unwrap();
        let pieces: Vec<_> = pieces.map(Result::unwrap).collect().await;

        assert_eq!(size.bytes(), 600_000);
        assert_eq!(
            pieces.iter().map(bytes::Bytes::len).collect::<Vec<_>>(),
            [262_144, 262_144, 75_712]
        );
        assert_eq!(pieces.concat(), bytes);
    }
}

#[tokio::test]
async fn an_object_is_copied_to_a_file() {
    for store in Store::both().await {
        let digest = store.blobs.put(&b"a scan"[..]).await.unwrap().digest;
        let copy = store.beside("copy");

        assert_eq!(store.blobs.copy_to(digest, &copy).await.unwrap().bytes(), 6);
        assert_eq!(fs::read(&copy).unwrap(), b"a scan");
        // A file that is there belongs to somebody else.
        assert!(matches!(
            store.blobs.copy_to(digest, &copy).await,
            Err(Error::File(_))
        ));
        assert_eq!(fs::read(&copy).unwrap(), b"a scan");
    }
}

#[tokio::test]
async fn a_damaged_object_is_never_given_out_whole() {
    let original: Vec<u8> = vec![5; 600_000];
    let mut flipped = original.clone();
    flipped[300_000] ^= 1;

    for damaged in [flipped, vec![5; 599_999], vec![5; 600_001], Vec::new()] {
        for store in Store::both().await {
            never_given_out_whole(&store, &original, &damaged).await;
        }
    }
}

async fn never_given_out_whole(store: &Store, original: &[u8], damaged: &[u8]) {
    let digest = store.blobs.put(original.to_vec()).await.unwrap().digest;
    fs::write(store.object(&digest), damaged).unwrap();

    assert!(matches!(store.blobs.get(digest).await, Err(Error::Corrupt(named)) if named == digest));
    let copy = store.beside("copy");
    assert!(matches!(
        store.blobs.copy_to(digest, &copy).await,
        Err(Error::Corrupt(_))
    ));
    assert!(!copy.exists());
    match store.blobs.stream(digest).await {
        Err(error) => assert!(matches!(error, Error::Corrupt(_))),
        Ok((size, pieces)) => {
            let pieces: Vec<_> = pieces.collect().await;
            let (last, before) = pieces.split_last().unwrap();
            assert!(matches!(last, Err(Error::Corrupt(_))));
            let given: usize = before.iter().map(|piece| piece.as_ref().unwrap().len()).sum();
            assert!(u64::try_from(given).unwrap() < size.bytes());
        }
    }
}
