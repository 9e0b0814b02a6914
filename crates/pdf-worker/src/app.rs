//! Puts the worker together: blobs, sandbox, grading client, consumers, sweeper.

use std::num::NonZeroU16;
use std::sync::Arc;

use anyhow::Context as _;
use blobs::Blobs;
use broker::{Consumer, FINALIZE_QUEUE, IDENTITY_QUEUE, IMPORT_QUEUE, State};
use domain::Ids;
use service::{CancellationToken, Latch, Lifecycle};
use telemetry::events::ReaderUnavailable;
use telemetry::metrics::{self, Lane, Volume};
use tokio::sync::watch;

use crate::config::Config;
use crate::enforcement;
use crate::grading::Grading;
use crate::handle::handle;
use crate::running::Running;
use crate::sandbox::Sandbox;
use crate::spool::{self, Spool};
use crate::sweep;
use crate::worker::Worker;

/// Starts everything. Returns when messages are being consumed.
pub async fn build(config: Config, lifecycle: Lifecycle) -> anyhow::Result<()> {
    let hand_back = CancellationToken::new();
    let place = config.blobs()?;
    let link = config.grading.link()?;
    lifecycle.watch_certificate(link.valid_until());
    let worker = Arc::new(Worker {
        id: Ids::time_ordered().next(),
        grading: Grading::new(&link, &config.service_token, hand_back.clone())?,
        blobs: Blobs::open(&place).context("opening the blobs")?,
        sandbox: Sandbox::new(config.sandbox()).context("preparing the work directory")?,
        spool: Spool::open(&config.reports()).context("opening the directory of reports")?,
        running: Running::default(),
        draining: lifecycle.draining(),
        hand_back,
    });
    if place.bucket.is_none() {
        lifecycle.watch_volume(Volume::Blobs, place.directory);
    }
    let (interval, age) = (config.sweep_interval, config.sweep_age);
    let reports = lifecycle.soft_latch("reports");
    lifecycle.spawn("spool", spool::replay(Arc::clone(&worker), reports));
    lifecycle.spawn("sweeper", sweep::run(Arc::clone(&worker), interval, age));

    enforcement::tell(&worker.sandbox).await;
    if !worker.sandbox.can_read() {
        telemetry::log(ReaderUnavailable {});
    }
    let broker = config.broker()?;
    for (lane, queue, slots, check) in lanes(&config) {
        metrics::job_slots(lane, slots.get());
        let consuming = Arc::clone(&worker);
        let handler = move |delivery| {
            let worker = Arc::clone(&consuming);
            async move {
                let _busy = metrics::slot_taken(lane);
                handle(worker, queue, delivery).await
            }
        };
        let (consumer, consume) = Consumer::new(broker.clone(), queue, slots, handler);
        let state = consumer.state();
        lifecycle.spawn("consumer", consume);
        lifecycle.spawn(
            "drain",
            drain(Arc::clone(&worker), consumer, config.hand_back_after),
        );
        lifecycle.spawn(
            "broker",
            follow(state, lifecycle.latch(check), lifecycle.draining()),
        );
    }
    Ok(())
}

/// The queues, each with its own slots and its own connection, so that none waits for another; and the names of their checks.
fn lanes(config: &Config) -> [(Lane, &'static str, NonZeroU16, &'static str); 3] {
    let (import, finalize) = (config.import_slots, config.finalize_slots);
    [
        (Lane::Import, IMPORT_QUEUE, import, "broker"),
        (Lane::Finalize, FINALIZE_QUEUE, finalize, "broker_finalize"),
        (
            Lane::Identity,
            IDENTITY_QUEUE,
            config.identity_slots,
            "broker_identity",
        ),
    ]
}

/// The worker is ready while it can get messages.
async fn follow(mut state: watch::Receiver<State>, latch: Latch, draining: CancellationToken) {
    loop {
        match *state.borrow_and_update() {
            State::Connected | State::Blocked => latch.ready(),
            State::Connecting | State::Lost | State::Mismatch { .. } => latch.failed(),
        }
        match draining.run_until_cancelled(state.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return,
        }
    }
}

/// When the process is told to stop: takes no more messages, lets running jobs go on for a while, and then
/// has them handed back.
async fn drain(worker: Arc<Worker>, consumer: Consumer, hand_back_after: std::time::Duration) {
    worker.draining.cancelled().await;
    consumer.cancel();
    if tokio::time::timeout(hand_back_after, consumer.drained())
        .await
        .is_err()
    {
        worker.hand_back.cancel();
        consumer.drained().await;
    }
}
