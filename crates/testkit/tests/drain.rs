//! Rolling restarts: what was accepted is finished, and nobody sees a failure.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use testkit::{Client, System, Upload, corpus, eventually};

#[tokio::test]
async fn a_gateway_that_is_told_to_end_under_load_fails_no_upload() {
    let mut system = System::builder()
        .gateways(2)
        .drain_delay(Duration::from_secs(5))
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let at: Vec<Target> = system
        .gateways
        .iter()
        .map(|gateway| Target {
            client: teacher.at(gateway),
            admin: gateway.admin(),
        })
        .collect();
    let (stop, accepted) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async {
        let clients = (0..4).map(|client| uploads(&at, &exam, client, &stop, &accepted));
        futures::future::join_all(clients).await;
    };
    let restart = async {
        more_than(&accepted, 8).await;
        system.gateways.first_mut().unwrap().end().await;
        more_than(&accepted, accepted.load(Ordering::Relaxed) + 8).await;
        stop.store(true, Ordering::Relaxed);
    };
    futures::future::join(load, restart).await;
    system.settle().await;
    let imported = "SELECT count(*) AS count FROM grading.copies WHERE page_count = 1";
    assert_eq!(
        system.count(imported),
        i64::try_from(accepted.load(Ordering::Relaxed)).unwrap()
    );
}

async fn more_than(accepted: &AtomicUsize, count: usize) {
    eventually("more uploads", async || match accepted.load(Ordering::Relaxed) {
        now if now > count => Ok(()),
        now => Err(now),
    })
    .await;
}

/// A gateway as a load balancer knows it.
struct Target {
    client: Client,
    admin: String,
}

impl Target {
    async fn is_ready(&self) -> bool {
        let answer = reqwest::get(format!("{}/readyz", self.admin)).await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }
}

/// Uploads one copy after the other until it is told to stop, each to the first gateway that calls itself
/// ready. Whatever goes wrong with an upload that was sent there is a failure of the test.
async fn uploads(at: &[Target], exam: &str, client: u64, stop: &AtomicBool, accepted: &AtomicUsize) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let key = format!("drain-upload-{client}-{number}");
        let bytes = corpus::scan(1, 1_000 * client + number);
        let mut target = at.last().unwrap();
        for candidate in at {
            if candidate.is_ready().await {
                target = candidate;
                break;
            }
        }
        let upload = Upload::new(exam, bytes, &key);
        target.client.upload(upload).await.expect(202);
        accepted.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_gateway_that_is_about_to_end_says_so_on_connections_that_are_kept() {
    let mut system = System::builder()
        .drain_delay(Duration::from_secs(8))
        .start()
        .await;
    let teacher = system.teacher().await.keeping_connections();
    assert_eq!(teacher.get("/exams").await.expect(200).header("connection"), "");
    system.gateway().terminate();
    // Refusals say it too: whoever is refused also keeps the connection.
    for (path, status) in [("/exams", 200), ("/exams/none", 404)] {
        eventually("the gateway to say so", async || {
            let answer = teacher.get(path).await.expect(status);
            match answer.header("connection") {
                "close" => Ok(()),
                other => Err(other.to_owned()),
            }
        })
        .await;
    }
    let gateway = system.gateways.first_mut().unwrap();
    assert!(gateway.ended().success());
}

#[tokio::test]
async fn every_service_ends_cleanly_when_it_is_told_to() {
    let mut system = System::start().await;
    for service in system
        .gateways
        .iter_mut()
        .chain(system.workers.iter_mut())
        .chain([&mut system.grading])
    {
        service.end().await;
    }
}
