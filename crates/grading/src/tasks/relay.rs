//! The outbox relay: the only thing in the system that publishes.
//!
//! It leases due rows, publishes them, and marks as sent what the broker confirmed. A row that was
//! published and not marked, because the process died between, is published again: consumers claim the
//! job behind a message, so a second message has no second effect.

use std::time::Duration;

use broker::{Message, PublishError, Publisher, State, Topology};
use chrono::TimeDelta;
use domain::OutboxId;
use failpoint::Point;
use futures::future::join_all;
use store::{Leased, PublishFault, Tx};
use telemetry::events::{
    OutboxPublishFailed, OutboxPublished, OutboxRelayFailed, OutboxReturned, PublishOutcome,
};
use telemetry::span::{Publish, publish};
use telemetry::{Causes, Origin, RequestContext, metrics};

use crate::app::App;
use crate::error::Error;

/// How many rows are leased at a time.
const BATCH: u16 = 64;
/// Longer than the broker's confirmations may take.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How long a row waits after it could not be published.
const PAUSE: TimeDelta = TimeDelta::seconds(1);
/// The database tells of new rows; this is for rows that become due, and for words that get lost.
const LOOK_ANYWAY_AFTER: Duration = Duration::from_millis(500);

/// Relays until the service drains. What is leased by then is still published.
pub(crate) async fn run(app: App, publisher: Publisher) {
    let mut wake = app.notifications.outbox();
    let mut connection = publisher.state();
    let mut failing = false;
    while !app.draining.is_cancelled() {
        let relayed = round(&app, &publisher).await;
        // The rows stay where they are. That it does not get on is told once.
        if let Err(error) = &relayed
            && !failing
        {
            telemetry::log(OutboxRelayFailed {
                error: Causes::of(error),
            });
        }
        failing = relayed.is_err();
        if relayed.unwrap_or(false) {
            continue;
        }
        tokio::select! {
            () = app.draining.cancelled() => {}
            _ = wake.changed() => {}
            _ = connection.changed() => {}
            () = tokio::time::sleep(LOOK_ANYWAY_AFTER) => {}
        }
    }
    publisher.close();
}

/// Relays what is due; true when there may be more.
async fn round(app: &App, publisher: &Publisher) -> Result<bool, Error> {
    if *publisher.state().borrow() != State::Connected {
        return Ok(false);
    }
    let leased = app
        .database
        .transaction("lease_outbox", |tx| {
            Ok::<_, Error>(tx.outbox().lease_due(BATCH, LEASE)?)
        })
        .await?;
    if leased.is_empty() {
        return Ok(false);
    }
    failpoint::reach(Point::OutboxLeased);
    let full = leased.len() == usize::from(BATCH);
    let outcomes = join_all(leased.into_iter().map(|row| relay(publisher, row))).await;
    failpoint::reach(Point::OutboxPublished);
    app.database
        .transaction("settle_outbox", move |tx| settle(tx, &outcomes))
        .await?;
    Ok(full)
}

type Outcome = (OutboxId, Result<(), PublishError>);

async fn relay(publisher: &Publisher, row: Leased) -> Outcome {
    let id = row.envelope.id;
    let context = RequestContext::new(row.envelope.request_id.clone());
    let outcome = telemetry::scope(context, send(publisher, row)).await;
    (id, outcome)
}

async fn send(publisher: &Publisher, row: Leased) -> Result<(), PublishError> {
    let Leased { envelope, attempts } = row;
    let routing_key = known_queue(&envelope.routing_key);
    let origin = Origin {
        request_id: Some(envelope.request_id.clone()),
        traceparent: envelope.traceparent,
    };
    let span = publish(Publish {
        exchange: broker::EXCHANGE,
        routing_key,
        message_id: envelope.id,
        origin: &origin,
    });
    let message = Message {
        id: envelope.id.to_string(),
        correlation_id: envelope.request_id.to_string(),
        headers: span.origin().pairs(),
        routing_key: envelope.routing_key,
        kind: envelope.kind,
        body: envelope.body,
    };
    span.run(async {
        let result = publisher.publish(message).await;
        tell(envelope.id, u32::try_from(attempts).unwrap_or(u32::MAX), result);
        result
    })
    .await
}

/// The queue as a name of ours, for the span. A stored row could say anything.
fn known_queue(routing_key: &str) -> &'static str {
    let topology = Topology::korrigo();
    topology
        .queues
        .iter()
        .map(|queue| queue.name)
        .find(|name| *name == routing_key)
        .unwrap_or("_OTHER")
}

fn tell(outbox_id: OutboxId, attempts: u32, result: Result<(), PublishError>) {
    let outcome = match result {
        Ok(()) => PublishOutcome::Confirmed,
        Err(PublishError::Returned) => PublishOutcome::Returned,
        Err(PublishError::Nacked | PublishError::TooLong) => PublishOutcome::Nacked,
        Err(PublishError::TimedOut | PublishError::Blocked) => PublishOutcome::TimedOut,
        Err(PublishError::Disconnected) => PublishOutcome::Disconnected,
    };
    metrics::outbox_published(outcome);
    match outcome {
        PublishOutcome::Confirmed => telemetry::log(OutboxPublished { outbox_id, attempts }),
        PublishOutcome::Returned => telemetry::log(OutboxReturned { outbox_id }),
        PublishOutcome::Nacked | PublishOutcome::TimedOut | PublishOutcome::Disconnected => {
            telemetry::log(OutboxPublishFailed {
                outbox_id,
                attempts,
                outcome,
            });
        }
    }
}

fn settle(tx: &mut Tx<'_>, outcomes: &[Outcome]) -> Result<(), Error> {
    let sent: Vec<OutboxId> = outcomes
        .iter()
        .filter(|(_, result)| result.is_ok())
        .map(|(id, _)| *id)
        .collect();
    tx.outbox().mark_sent(&sent)?;
    for (id, result) in outcomes {
        if let Err(error) = result {
            tx.outbox().mark_failed(*id, fault(*error), PAUSE)?;
        }
    }
    Ok(())
}

fn fault(error: PublishError) -> PublishFault {
    match error {
        PublishError::Returned => PublishFault::Returned,
        PublishError::Nacked | PublishError::TooLong => PublishFault::Refused,
        PublishError::TimedOut | PublishError::Blocked => PublishFault::TimedOut,
        PublishError::Disconnected => PublishFault::Disconnected,
    }
}
