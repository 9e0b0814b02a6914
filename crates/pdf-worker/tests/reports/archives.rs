//! Archives: what is in them, and that it does not matter how much.

use domain::Digest;
use testkit::evidence;

use crate::harness::Bench;

/// How large a document is.
const SIZE: usize = 64 * 1024;
/// What the list of two thousand names may take, in KiB; the documents would take a hundred times that.
const ROOM: u64 = 4 * 1024;

/// Documents that differ.
async fn documents(bench: &Bench, count: u16) -> Vec<(String, Digest)> {
    let mut documents = Vec::new();
    for number in 0..count {
        let bytes = number.to_be_bytes().repeat(SIZE / 2);
        documents.push((format!("1re B/DURAND Zoé-{number}.pdf"), bench.put(bytes).await));
    }
    documents
}

#[tokio::test]
async fn the_same_documents_make_the_same_archive_and_one_that_is_missing_makes_none() {
    let bench = Bench::start().await;
    let members = documents(&bench, 3).await;
    let [first, again] = [members.clone(), members.clone()].map(|members| bench.archive(members));
    let first = bench.archived(first.await).await;
    let again = bench.archived(again.await).await;
    assert_eq!((first.copies, &first.digest), (3, &again.digest));
    let file = bench.stored(&first.digest).await;
    assert_eq!(u64::try_from(file.len()), Ok(first.bytes));
    assert!(file.starts_with(b"PK\x03\x04"));

    let missing = ("-/missing.pdf".to_owned(), Digest::of(b"not in the store"));
    let failed = bench.archive([members, vec![missing]].concat()).await;
    bench.failed(failed, 1).await;
    let told = bench.peer.known.failures(failed);
    assert_eq!(told.first().map(|told| told.error_code.as_str()), Some("unknown"));
    bench.idle().await;
}

#[tokio::test]
async fn two_thousand_documents_take_no_more_memory_than_twenty() {
    let bench = Bench::start().await;
    let few = bench.archive(documents(&bench, 20).await).await;
    let few = (bench.archived(few).await, bench.most_memory());
    let many = bench.archive(documents(&bench, 2_000).await).await;
    let many = (bench.archived(many).await, bench.most_memory());
    assert_eq!((few.0.copies, many.0.copies), (20, 2_000));
    assert!(many.1 <= few.1 + ROOM, "{} KiB, then {} KiB", few.1, many.1);
    evidence(format_args!(
        "an archive of 20 documents ({} bytes) was made with at most {} KiB of memory, one of 2,000 ({} bytes) with {} KiB",
        few.0.bytes, few.1, many.0.bytes, many.1
    ));
}
