//! Taking a copy to correct it.

use contracts::{Code, FieldCode, Problem, grading as pb, timestamp};
use domain::audit::Actor;
use domain::copy::Locking;
use domain::lock::Ttl;
use domain::{Lock, LockToken, Operation, Timestamp, WorkerId};
use store::{Entry, Tx};
use telemetry::events::{LockLapsed, LockTaken};

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The lock, taken, taken over or kept, with its new token.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::AcquireLockRequest,
) -> Result<pb::AcquireLockReply, Error> {
    let ttl = request.ttl_seconds.map_or(Some(Ttl::USUAL), Ttl::from_seconds);
    let ttl = ttl.ok_or_else(|| Problem::field("/ttl_seconds", FieldCode::OutOfRange))?;
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let (copy_id, worker, token) = (command.copy, app.worker, LockToken::random());
    let digest = token.digest();
    let acquired = app
        .database
        .transaction("acquire_lock", move |tx| {
            acquire(tx, &command, (digest, ttl), worker)
        })
        .await?;
    if let Some((event, fence)) = acquired.lapsed {
        recorded::publish(event);
        telemetry::log(LockLapsed { copy_id, fence });
    }
    if let Some(event) = acquired.taken {
        recorded::publish(event);
        let fence = acquired.lock.fence;
        telemetry::log(LockTaken { copy_id, fence });
    }
    Ok(pb::AcquireLockReply {
        token: token.expose().to_owned(),
        fence: acquired.lock.fence,
        expires_at: Some(timestamp(acquired.lock.expires_at)),
        server_time: Some(timestamp(acquired.at)),
        renewed: acquired.taken.is_none(),
    })
}

struct Acquired {
    lock: Lock,
    at: Timestamp,
    /// The lock that had ended and was in the way.
    lapsed: Option<(Entry, i64)>,
    /// Nothing, if the caller had the lock already.
    taken: Option<Entry>,
}

fn acquire(
    tx: &mut Tx<'_>,
    command: &Command,
    (token, ttl): (domain::Digest, Ttl),
    worker: WorkerId,
) -> Result<Acquired, Error> {
    let (mut copy, asked) = command.begin(tx)?;
    let mut lapsed = None;
    if copy.has_lapsed_lock(asked.now) {
        let fence = copy.lock_fence;
        let transition = copy.lapse(asked.now, Actor::Service(worker), asked.operation)?;
        lapsed = Some((tx.record(&transition)?, fence));
        copy = transition.into_copy();
    }
    let id = copy.id;
    let (lock, event) = match copy.lock(token, ttl, asked)? {
        Locking::Taken(transition) => {
            let event = tx.record(&transition)?;
            let lock = transition.copy().state.lock().ok_or(Code::Internal)?;
            (lock, Some(event))
        }
        Locking::Renewed(lock) => {
            tx.locks().renew(id, &lock)?;
            (lock, None)
        }
    };
    Ok(Acquired {
        lock,
        at: asked.now,
        lapsed,
        taken: event,
    })
}
