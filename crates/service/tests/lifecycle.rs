//! The lifecycle as the parts of a service see it.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use service::Lifecycle;
use telemetry::events::Readiness;
use tokio::sync::{mpsc, oneshot};

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn the_drain_waits_for_work_that_is_under_way() {
    let (lifecycle, process) = Lifecycle::for_test();
    let (release, released) = oneshot::channel::<()>();
    let (tell, mut told) = mpsc::unbounded_channel();
    let draining = lifecycle.draining();
    lifecycle.spawn("worker", async move {
        draining.cancelled().await;
        tell.send("no new work").unwrap();
        released.await.unwrap();
        tell.send("work done").unwrap();
    });
    let drain = async { (process.drain(LONG).await, told.recv().await) };
    let work = async { release.send(()).unwrap() };
    let ((in_time, first), ()) = tokio::join!(drain, work);
    assert!(in_time && !process.is_broken());
    assert_eq!(
        (first, told.recv().await),
        (Some("no new work"), Some("work done"))
    );
}

#[tokio::test]
async fn what_does_not_end_is_stopped_when_the_time_is_over() {
    let (lifecycle, process) = Lifecycle::for_test();
    let stopped = Arc::new(AtomicBool::new(false));
    let (stopping, note) = (lifecycle.stopping(), Arc::clone(&stopped));
    lifecycle.spawn("stubborn", async move {
        stopping.cancelled().await;
        note.store(true, Ordering::Relaxed);
    });
    assert!(!process.drain(Duration::from_millis(20)).await);
    assert!(stopped.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_service_is_as_ready_as_its_worst_latch() {
    let (lifecycle, process) = Lifecycle::for_test();
    let readiness = lifecycle.readiness();
    let (database, broker) = (lifecycle.latch("database"), lifecycle.soft_latch("broker"));
    assert_eq!(*readiness.borrow(), Readiness::Pending);
    database.ready();
    assert_eq!(*readiness.borrow(), Readiness::Degraded);
    process.ready().await;
    broker.ready();
    assert_eq!(*readiness.borrow(), Readiness::Ready);
    database.failed();
    assert_eq!(*readiness.borrow(), Readiness::Failed);
    broker.failed();
    database.ready();
    assert_eq!(*readiness.borrow(), Readiness::Degraded);
}

#[tokio::test]
async fn a_task_that_panics_or_ends_too_early_breaks_the_process() {
    for panics in [true, false] {
        let (lifecycle, process) = Lifecycle::for_test();
        lifecycle.spawn("short", async move { assert!(!panics, "as planned") });
        process.broken().await;
    }
}

#[tokio::test]
async fn a_finite_task_may_end_and_must_not_panic() {
    let (lifecycle, process) = Lifecycle::for_test();
    lifecycle.spawn_finite("quick", async {});
    assert!(process.drain(LONG).await && !process.is_broken());

    let (lifecycle, process) = Lifecycle::for_test();
    lifecycle.spawn_finite("panicking", async { panic!("as planned") });
    process.broken().await;
}

#[test]
fn an_announced_address_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("address");
    service::announce(&path, "127.0.0.1:8088".parse().unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "127.0.0.1:8088\n");
}
