//! What holds a child: tried from inside.

use pdf_worker::sandbox::{Confinement, Layer};
use testkit::corpus;

use crate::harness::{Harness, entries};

#[tokio::test]
async fn a_child_can_neither_look_around_nor_leave_anything_nor_connect_nor_multiply() {
    let harness = Harness::new();
    let confinement = harness.sandbox().confinement().await.unwrap();
    // Every kernel that the project supports knows both mechanisms; the machine that tests has to as well.
    let expected = Confinement {
        files: Layer::Full,
        network: Layer::Full,
        system_calls: Layer::Full,
    };
    assert_eq!(confinement, expected);
    assert_eq!(entries(harness.work_dir.path()), 0);
}

#[tokio::test]
async fn every_finished_document_says_what_held_its_child() {
    let done = Harness::new().run(&corpus::text(1)).await.outcome.unwrap();
    assert_eq!(done.confinement.system_calls, Layer::Full);
}
