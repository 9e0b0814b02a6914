//! The sweeper: removes blobs that nothing refers to, such as the source of an upload that was never
//! registered. What is referred to is the grading service's to say.

use std::sync::Arc;
use std::time::Duration;

use blobs::{SweepRules, sweep};
use contracts::Problem;
use domain::Digest;
use telemetry::Causes;
use telemetry::events::{BlobSweepFailed, BlobsSwept};

use crate::worker::Worker;

/// Sweeps every `interval` until the process drains.
pub(crate) async fn run(worker: Arc<Worker>, interval: Duration, age: Duration) {
    loop {
        if worker
            .draining
            .run_until_cancelled(tokio::time::sleep(interval))
            .await
            .is_none()
        {
            return;
        }
        // A sweep that is broken off leaves nothing that the next one cannot put right.
        let _broken_off = worker.draining.run_until_cancelled(once(&worker, age)).await;
    }
}

async fn once(worker: &Worker, age: Duration) {
    let rules = SweepRules {
        min_age: age,
        ..SweepRules::default()
    };
    let unreferenced = async |digests: Vec<Digest>| {
        let digests = digests.iter().map(ToString::to_string).collect();
        let unreferenced = worker.grading.find_unreferenced(digests).await?;
        Ok::<Vec<Digest>, Problem>(
            unreferenced
                .iter()
                .filter_map(|digest| digest.parse().ok())
                .collect(),
        )
    };
    match sweep(&worker.blobs, rules, blobs::clock(), unreferenced).await {
        Ok(swept) => {
            if swept.deleted == 0 {
                return;
            }
            telemetry::metrics::blobs_swept(swept.deleted, swept.bytes);
            telemetry::log(BlobsSwept {
                examined: swept.examined,
                deleted: swept.deleted,
                bytes: swept.bytes,
                dry_run: false,
            });
        }
        Err(error) => telemetry::log(BlobSweepFailed {
            error: Causes::of(&error),
        }),
    }
}
