//! A store for blobs that takes none.

use std::fs;

use testkit::{System, Upload, corpus, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;

#[tokio::test]
async fn a_store_that_takes_no_blobs_leaves_no_half_a_copy_and_works_again_by_itself() {
    let system = System::start().await;
    let (corrector, teacher) = (Corrector::of(&system).await, system.teacher().await);
    let exam = system.exam().await;
    // Where the directory was is a file now: root, too, can make nothing in it.
    let away = system.path("blobs-away");
    fs::rename(system.blobs(), &away).unwrap();
    fs::write(system.blobs(), "").unwrap();
    let upload = Upload::new(&exam, corpus::scan(1, 800), "no-store");
    let refused = teacher.upload(upload).await;
    refused.expect_problem(503, "unavailable");
    let readiness = async || {
        let answer = reqwest::get(format!("{}/readyz", system.gateway().admin()))
            .await
            .unwrap();
        answer.text().await.unwrap()
    };
    eventually("the gateway to say so", async || {
        let said = readiness().await;
        if said.contains("\"blobs\":\"degraded\"") {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
    assert_eq!(system.count("SELECT count(*) FROM grading.copies"), 0);
    fs::remove_file(system.blobs()).unwrap();
    fs::rename(&away, system.blobs()).unwrap();
    let copy = corrector.correct(801).await;
    judge(&system, &[copy]).await;
    evidence(format_args!(
        "an upload without a store: 503, no copy; afterwards all is well without a restart"
    ));
}
