//! Verifies the whole audit trail from time to time, and compares the tables with it. It reads in small parts and
//! holds one connection at most.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::audit::{Finding, Place, Subject, Tampering};
use service::Latch;
use store::{Scope, Verified};
use telemetry::Causes;
use telemetry::events::{AuditCheckpointsUnreadable, AuditMismatch, AuditTampered, AuditVerified};
use telemetry::metrics;
use tokio::sync::Notify;

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

/// Verifies every `interval`, and when something is `missed`, until the service drains.
pub(crate) async fn run(
    app: App,
    checkpoints: Checkpoints,
    interval: Duration,
    latches: TrailLatches,
    missed: Arc<Notify>,
) {
    latches.trail.ready();
    latches.tables.ready();
    let mut ticks = Ticks::after(interval.min(FIRST), interval, &app.draining);
    while ticks.next_or(&missed).await {
        let round = async {
            if let Some(intact) = verify(&app, &checkpoints).await? {
                set(&latches.trail, intact);
            }
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

/// Whether the trail is what was written; nothing, if it fits together and the checkpoints that would vouch for it cannot
/// be used.
async fn verify(app: &App, checkpoints: &Checkpoints) -> Result<Option<bool>, Error> {
    let begun = Instant::now();
    let witness = witness(app, checkpoints).await?;
    let (scope, altered, heard) = match witness {
        Witness::Heard(scope) => (scope, None, true),
        Witness::Altered(finding) => (Scope::default(), Some(finding), true),
        Witness::Silent => (Scope::default(), None, false),
    };
    let Verified {
        copies,
        people,
        events,
        checkpoints,
        finding,
        ..
    } = store::verify(&app.database, scope).await?;
    let finding = finding.or(altered);
    if finding.is_none() && !heard {
        return Ok(None);
    }
    let intact = finding.is_none();
    metrics::audit_verified(intact);
    match finding {
        Some(finding) => telemetry::log(tampered(&finding)),
        None => telemetry::log(AuditVerified {
            copies,
            people,
            events,
            checkpoints,
            duration: begun.elapsed(),
        }),
    }
    Ok(Some(intact))
}

/// What the checkpoints say.
enum Witness {
    /// The trees that they vouch for, and what they are known to have vouched for. None where there are meant to be none.
    Heard(Scope),
    /// They are not what they should be.
    Altered(Finding),
    /// There are some, and they cannot be used.
    Silent,
}

async fn witness(app: &App, checkpoints: &Checkpoints) -> Result<Witness, Error> {
    // Before the file is read: what is added to it in the meantime is not missed.
    let vouched = store::vouched(&app.database).await?;
    if !checkpoints.wanted() && vouched.is_none() {
        return Ok(Witness::Heard(Scope::default()));
    }
    let checkpoints = checkpoints.clone();
    Ok(match telemetry::blocking(move || checkpoints.roots()).await {
        Ok(Ok(Ok(checkpoints))) => Witness::Heard(Scope {
            trail: None,
            checkpoints,
            vouched,
        }),
        Ok(Ok(Err(altered))) => Witness::Altered(altered),
        Ok(Err(error)) => {
            telemetry::log(AuditCheckpointsUnreadable {
                error: Causes::of(&error),
            });
            Witness::Silent
        }
        // The process is ending.
        Err(_cancelled) => Witness::Silent,
    })
}

fn tampered(finding: &Finding) -> AuditTampered {
    let kind: Tampering = finding.kind;
    let (subject, trail_id, seq) = match finding.place {
        Place::Event(subject, seq) => (Some(subject), None, Some(seq)),
        Place::Trail(trail, seq) => (None, Some(trail), Some(seq)),
        Place::Leaves(_) | Place::Checkpoint(_) | Place::Line(_) => (None, None, None),
    };
    AuditTampered {
        finding: kind,
        copy_id: subject.and_then(Subject::copy),
        account_id: subject.and_then(Subject::user),
        trail_id,
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
