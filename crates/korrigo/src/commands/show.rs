//! How the commands that look at things show them.

use std::time::Duration;

use broker::SeenQueue;
use chrono::TimeDelta;
use clap::Args;
use domain::{FailureCode, Timestamp};
use serde_json::{Value, json};
use service::config::period;
use store::{Blocker, SeenEvent, SeenJob, SeenLock};

/// How many rows a list has at most.
pub(super) const LIMIT: u16 = 500;
/// What programs are told of what is not there.
pub(super) const NOT_FOUND: &str = "not_found";

/// How a command ends that looked and found that somebody has to do something.
pub(super) const TROUBLE: u8 = 1;

/// How a command ends that could not look, or not everywhere.
pub(super) const NOT_SEEN: u8 = 2;

/// When work stands still.
#[derive(Debug, Args)]
pub(super) struct Waiting {
    /// A job stands still that was ordered so long ago and has not ended.
    #[arg(long, env = "KORRIGO_STUCK_AFTER", default_value = "15m", value_parser = period, value_name = "DURATION")]
    stuck_after: Duration,
}

impl Waiting {
    /// For how long.
    pub(super) fn delta(&self) -> TimeDelta {
        TimeDelta::from_std(self.stuck_after).unwrap_or(TimeDelta::MAX)
    }
}

/// How long ago something was.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> String {
    format!("{} ago", span(now - then))
}

/// When something is, or was.
pub(super) fn when(now: Timestamp, then: Timestamp) -> String {
    if then > now {
        format!("in {}", span(then - now))
    } else {
        ago(now, then)
    }
}

/// A span of time in its two largest units.
fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

/// What there is, or a dash.
pub(super) fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}

/// A queue in words.
pub(super) fn queue_line(queue: &SeenQueue) -> String {
    let depth = queue.depth.map_or_else(
        || "is not there".to_owned(),
        |depth| format!("{} messages, {} consumers", depth.messages, depth.consumers),
    );
    format!("{}: {depth}", queue.name)
}

/// A queue.
pub(super) fn queue(queue: &SeenQueue) -> Value {
    json!({
        "name": queue.name,
        "dead": queue.dead,
        "messages": queue.depth.map(|depth| depth.messages),
        "consumers": queue.depth.map(|depth| depth.consumers),
    })
}

/// Somebody who holds up others, in words.
pub(super) fn blocker_line(blocker: &Blocker) -> String {
    let Blocker {
        pid,
        role,
        program,
        waiting,
        seconds,
    } = blocker;
    if *waiting == 0 {
        return format!("blocker   {pid}, {program} as {role}: has a table for itself");
    }
    format!("blocker   {pid}, {program} as {role}: {waiting} wait for it, the first for {seconds} s")
}

/// Somebody who holds up others.
pub(super) fn blocker(blocker: &Blocker) -> Value {
    json!({
        "pid": blocker.pid,
        "role": blocker.role,
        "program": blocker.program,
        "waiting": blocker.waiting,
        "seconds": blocker.seconds,
    })
}

/// A lock.
pub(super) fn lock(lock: &SeenLock) -> Value {
    json!({
        "copy": lock.copy.to_string(),
        "owner": lock.owner.to_string(),
        "fence": lock.fence,
        "acquired_at": lock.acquired_at,
        "expires_at": lock.expires_at,
    })
}

/// An event in words: what, by whom, and what came of it.
pub(super) fn event_line(now: Timestamp, event: &SeenEvent) -> String {
    let outcome = event
        .success
        .map(|success| if success { ", done" } else { ", failed" });
    let reason = event.reason.as_ref().map(|reason| format!(", reason {reason}"));
    let error = event.error_code.as_ref().map(|code| format!(", error {code}"));
    format!(
        "event    {} {} by {} {}{}{}{}, {}",
        event.seq,
        event.action,
        event.actor,
        event.actor_id,
        outcome.unwrap_or_default(),
        reason.unwrap_or_default(),
        error.unwrap_or_default(),
        ago(now, event.at)
    )
}

/// An event.
pub(super) fn event(event: &SeenEvent) -> Value {
    json!({
        "copy": event.copy.to_string(),
        "seq": event.seq,
        "action": event.action,
        "actor": event.actor,
        "actor_id": event.actor_id.to_string(),
        "success": event.success,
        "reason": event.reason,
        "error_code": event.error_code,
        "at": event.at,
    })
}

/// The trace that a job belongs to.
pub(super) fn trace(job: &SeenJob) -> Option<&str> {
    job.traceparent.as_ref().map(domain::TraceParent::trace_id)
}

/// A job with its last message.
pub(super) fn job(job: &SeenJob) -> Value {
    let message = job.message.as_ref().map(|message| {
        json!({
            "sent_at": message.sent_at,
            "available_at": message.available_at,
            "attempts": message.attempts,
            "fault": message.fault,
            "traceparent": message.traceparent.as_ref().map(domain::TraceParent::as_str),
        })
    });
    json!({
        "id": job.id.to_string(),
        "kind": job.kind.as_str(),
        "state": job.state.as_str(),
        "copy": job.copy.map(|id| id.to_string()),
        "batch": job.batch.map(|id| id.to_string()),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "failure": job.failure.map(FailureCode::as_str),
        "worker": job.worker.map(|id| id.to_string()),
        "lease_until": job.lease_until,
        "next_attempt_at": job.next_attempt_at,
        "done": job.progress.0,
        "total": job.progress.1,
        "request_id": job.request_id.as_str(),
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "trace_id": trace(job),
        "message": message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let words = [0, 59, 61, 3_600, 90_000].map(|seconds| span(TimeDelta::seconds(seconds)));
        assert_eq!(words, ["0 s", "59 s", "1 min 1 s", "1 h 0 min", "1 d 1 h"]);
        assert_eq!(span(TimeDelta::seconds(-5)), "0 s");
    }
}
