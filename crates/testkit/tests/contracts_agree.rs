//! What two crates say about the same thing, each for itself, is the same.

#![expect(
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use domain::JobKind;

#[test]
fn every_kind_of_job_has_its_queue_in_the_topology() {
    let topology = broker::Topology::korrigo();
    let import = contracts::jobs::queue_of(JobKind::ImportCopy);
    assert_eq!(import, broker::IMPORT_QUEUE);
    for kind in JobKind::ALL {
        let queue = contracts::jobs::queue_of(*kind);
        assert!(topology.queues.iter().any(|known| known.name == queue), "{queue}");
    }
}
