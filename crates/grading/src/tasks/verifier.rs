//! Verifies the whole audit trail from time to time, and compares the tables with it. It reads in small parts and
//! holds one connection at most.

use std::time::{Duration, Instant};

use domain::audit::{Finding, Place, Root, Tampering};
use service::Latch;
use store::{Scope, Verified};
use telemetry::events::{AuditMismatch, AuditTampered, AuditVerified};
use telemetry::metrics;

use crate::app::App;
use crate::checkpoints::Checkpoints;
use crate::error::Error;
use crate::tasks::ticks::Ticks;

/// After a start there is other work to do first.
const FIRST: Duration = Duration::from_secs(30);

/// What readiness shows of the trail: that something is wrong with it stops nobody, and somebody has to know.
pub(crate) struct TrailLatches {
    /// Whether the trail is what was written, as far as it was verified.
    pub(crate) trail: Latch,
    /// Whether the tables agree with it.
    pub(crate) tables: Latch,
}

/// Verifies every `interval` until the service drains.
pub(crate) async fn run(app: App, checkpoints: Checkpoints, interval: Duration, latches: TrailLatches) {
    latches.trail.ready();
    latches.tables.ready();
    let mut ticks = Ticks::after(interval.min(FIRST), interval, &app.draining);
    while ticks.next().await {
        let round = async {
            set(&latches.trail, verify(&app, &checkpoints).await?);
            set(&latches.tables, reconcile(&app).await?);
            Ok::<_, Error>(())
        };
        // The store has said what is wrong; the timestamp shows that nothing was verified.
        let _verified = app.draining.run_until_cancelled(round).await;
    }
}

fn set(latch: &Latch, fine: bool) {
    if fine { latch.ready() } else { latch.failed() }
}

/// Whether the trail is what was written.
async fn verify(app: &App, checkpoints: &Checkpoints) -> Result<bool, Error> {
    let begun = Instant::now();
    let (scope, altered) = match trees(checkpoints).await {
        Ok(checkpoints) => (
            Scope {
                copy: None,
                checkpoints,
            },
            None,
        ),
        Err(altered) => (Scope::default(), Some(altered)),
    };
    let verified = store::verify(&app.database, scope).await?;
    let Verified {
        copies,
        events,
        checkpoints,
        finding,
        ..
    } = verified;
    let finding = finding.or(altered);
    let intact = finding.is_none();
    metrics::audit_verified(intact);
    match finding {
        Some(finding) => telemetry::log(tampered(&finding)),
        None => telemetry::log(AuditVerified {
            copies,
            events,
            checkpoints,
            duration: begun.elapsed(),
        }),
    }
    Ok(intact)
}

/// What the checkpoints vouch for. Where they cannot be used the rest is verified: that they cannot be is told by who
/// writes them.
async fn trees(checkpoints: &Checkpoints) -> Result<Vec<Root>, Finding> {
    let checkpoints = checkpoints.clone();
    let read = telemetry::blocking(move || checkpoints.roots()).await;
    read.map_or_else(
        |_ending| Ok(Vec::new()),
        |roots| roots.unwrap_or_else(|_unusable| Ok(Vec::new())),
    )
}

fn tampered(finding: &Finding) -> AuditTampered {
    let kind: Tampering = finding.kind;
    let (copy_id, seq) = match finding.place {
        Place::Event(copy, seq) => (Some(copy), Some(seq)),
        Place::Leaves(_) | Place::Checkpoint(_) | Place::Line(_) => (None, None),
    };
    AuditTampered {
        finding: kind,
        copy_id,
        seq,
    }
}

/// Whether the tables agree with the trail.
async fn reconcile(app: &App) -> Result<bool, Error> {
    let counts = app
        .database
        .transaction("reconcile_audit", |tx| Ok::<_, Error>(tx.reconciliation().run()?))
        .await?;
    let agree = counts.iter().all(|(_, count)| *count == 0);
    for (check, count) in counts {
        metrics::audit_mismatches(check, count);
        if count > 0 {
            telemetry::log(AuditMismatch { check, count });
        }
    }
    Ok(agree)
}
