//! The life of a service between its start and its end.

use std::future::Future;
use std::time::Instant;

use anyhow::Context as _;
use telemetry::Code;
use telemetry::events::{ListenerReady, ServiceStarted};
use telemetry::metrics::{Metrics, Volume};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::admin::{self, Admin};
use crate::announce::announce;
use crate::config::Common;
use crate::drain::{self, Ended, Patience};
use crate::health::Watchdog;
use crate::lifecycle::Lifecycle;
use crate::notify::Notify;
use crate::signals::Signals;
use crate::volumes;

/// Why a start fails that systemd would wait for.
const NOT_HEARD: &str = "systemd cannot be told";

/// How the service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lived {
    /// A signal came and all work ended in time.
    Drained,
    /// A signal came and some work had to be stopped.
    Forced,
    /// A task ended that should not have.
    Broken,
}

/// Builds, waits for the end, drains.
pub(crate) async fn live<F, Fut>(common: &Common, lifecycle: Lifecycle, build: F) -> anyhow::Result<Lived>
where
    F: FnOnce(Lifecycle) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let begun = Instant::now();
    let mut signals = Signals::listen().context("signals cannot be heard")?;
    let notify = Notify::to(common.notify_socket.as_deref()).context(NOT_HEARD)?;
    // Ends with this function: what watches the process must outlive the drain.
    let _watching = watch(common, &lifecycle, notify.clone()).await?;
    let broken = lifecycle.broken();
    let outcome = tokio::select! {
        outcome = Box::pin(build(lifecycle.clone())) => Some(outcome),
        () = signals.next() => None,
    };
    match outcome.map(|outcome| outcome.and_then(|()| notify.started().context(NOT_HEARD))) {
        Some(Ok(())) => {
            lifecycle.mark_started();
            telemetry::log(ServiceStarted {
                duration: begun.elapsed(),
            });
            tokio::select! {
                () = signals.next() => {}
                () = broken.cancelled() => {}
            }
        }
        Some(Err(error)) => {
            lifecycle.stopping().cancel();
            return Err(error);
        }
        None => {}
    }
    notify.stopping();
    let patience = Patience {
        // Nobody waits for a service that breaks down.
        delay: if broken.is_cancelled() {
            std::time::Duration::ZERO
        } else {
            common.drain_delay
        },
        timeout: common.drain_timeout,
    };
    let ended = drain::drain(&lifecycle, patience, signals.next()).await;
    Ok(match ended {
        _ if broken.is_cancelled() => Lived::Broken,
        Ended::InTime => Lived::Drained,
        Ended::ByForce => Lived::Forced,
    })
}

/// Starts the admin listener, the watchdog and the upkeep of metrics.
async fn watch(common: &Common, lifecycle: &Lifecycle, notify: Notify) -> anyhow::Result<JoinSet<()>> {
    let listener = TcpListener::bind(common.admin_listen)
        .await
        .context("the admin address is not free")?;
    let address = listener
        .local_addr()
        .context("the admin listener has no address")?;
    let watchdog = Watchdog::new();
    let admin = Admin {
        lifecycle: lifecycle.clone(),
        watchdog: watchdog.clone(),
        token: common.admin_token.clone(),
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(watchdog.tick(notify));
    tasks.spawn(admin::serve(listener, admin));
    if let Some(metrics) = lifecycle.metrics() {
        tasks.spawn(upkeep(metrics.clone()));
    }
    if let Some(directory) = &common.log_dir {
        tasks.spawn(volumes::watch(Volume::Log, directory.clone()));
    }
    if let Some(path) = &common.admin_address_file {
        announce(path, address).context("the admin address file cannot be written")?;
    }
    telemetry::log(ListenerReady {
        listener: Code::of("admin"),
        port: address.port(),
    });
    Ok(tasks)
}

async fn upkeep(metrics: Metrics) {
    let mut interval = tokio::time::interval(Metrics::UPKEEP);
    loop {
        interval.tick().await;
        metrics.upkeep();
    }
}
