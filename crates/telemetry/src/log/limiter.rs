//! What keeps one fault from filling the disk: the same warning or error is written a few times a minute, then
//! counted, and the next line of its kind says how many were left out; or the next one of its event, if the kind was
//! forgotten meanwhile.
//!
//! The same is what has the same event and the same fields, but for durations: failures of two copies are two things.
//! Two kinds of lines are never left out: what is CRITICAL, and the one line of each HTTP request, which is what
//! somebody looks for who was given a request id.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::event::{Descriptor, Level};
use crate::loggable::Value;

/// How long the count begins anew.
const WINDOW: Duration = Duration::from_mins(1);
/// How many lines of one kind are written in that time.
const OFTEN_ENOUGH: u32 = 10;
/// How many kinds are told apart. What is beyond them is written.
const KINDS: usize = 1024;
/// The lines of HTTP requests.
const REQUESTS: &str = "http.request.";

/// Remembers what was said of late.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    kinds: HashMap<String, Said>,
    /// What was left out of kinds that are forgotten, by the code of the event. There are only so many codes.
    untold: HashMap<&'static str, u64>,
}

#[derive(Debug)]
struct Said {
    code: &'static str,
    since: Instant,
    written: u32,
    left_out: u64,
}

impl Limiter {
    /// How many lines that said the same were left out before this one; `None` if this one is to be left out too.
    pub(super) fn admit(&self, event: &Descriptor, values: &[Option<Value>]) -> Option<u64> {
        let limited =
            matches!(event.level, Level::Warning | Level::Error) && !event.code.starts_with(REQUESTS);
        if !limited {
            return Some(0);
        }
        self.admit_at(Instant::now(), event.code, kind(event, values))
    }

    fn admit_at(&self, now: Instant, code: &'static str, kind: String) -> Option<u64> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.kinds.len() >= KINDS {
            memory.forget(now);
        }
        let Memory { kinds, untold } = &mut *memory;
        if kinds.len() >= KINDS && !kinds.contains_key(&kind) {
            return Some(untold.remove(code).unwrap_or_default());
        }
        let said = kinds.entry(kind).or_insert(Said {
            code,
            since: now,
            written: 0,
            left_out: 0,
        });
        if now.duration_since(said.since) >= WINDOW {
            said.since = now;
            said.written = 0;
        }
        if said.written < OFTEN_ENOUGH {
            said.written += 1;
            Some(std::mem::take(&mut said.left_out) + untold.remove(code).unwrap_or_default())
        } else {
            said.left_out += 1;
            None
        }
    }
}

impl Memory {
    /// Forgets the kinds whose time is over, and keeps what is to be told of them.
    fn forget(&mut self, now: Instant) {
        let Self { kinds, untold } = self;
        kinds.retain(|_kind, said| {
            let over = now.duration_since(said.since) >= WINDOW;
            if over && said.left_out > 0 {
                *untold.entry(said.code).or_default() += said.left_out;
            }
            !over
        });
    }
}

fn kind(event: &Descriptor, values: &[Option<Value>]) -> String {
    let told_apart = values
        .iter()
        .filter(|value| !matches!(value, Some(Value::Duration(_))));
    format!("{} {:?}", event.code, told_apart.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Causes;
    use crate::event::Event;
    use crate::events::{HttpFailed, OutboxRelayFailed, RpcFailed, ServiceStarting, TaskEnded};
    use crate::grpc::{RpcMethod, RpcStatus};
    use crate::http::{Method, Route};

    fn admitted<E: Event>(limiter: &Limiter, event: E) -> Option<u64> {
        limiter.admit(E::DESCRIPTOR, &event.values())
    }

    fn failed(code: RpcStatus, milliseconds: u64) -> RpcFailed {
        RpcFailed {
            rpc: RpcMethod::UNKNOWN,
            code,
            duration: Duration::from_millis(milliseconds),
        }
    }

    #[test]
    fn the_same_is_said_some_times_and_then_counted() {
        let limiter = Limiter::default();
        let says = |code, number| admitted(&limiter, failed(code, number));
        for number in 0..10 {
            assert_eq!(says(RpcStatus::Internal, number), Some(0));
        }
        for number in 0..5 {
            assert_eq!(says(RpcStatus::Internal, number), None);
        }
        assert_eq!(says(RpcStatus::Unavailable, 1), Some(0));
    }

    #[test]
    fn after_a_while_it_is_said_again_with_how_often_it_was_not() {
        let (limiter, begun) = (Limiter::default(), Instant::now());
        let at = |seconds| limiter.admit_at(begun + Duration::from_secs(seconds), "code", "x".to_owned());
        assert_eq!((0..15).filter_map(|_| at(1)).count(), 10);
        assert_eq!((at(61), at(61)), (Some(5), Some(0)));
    }

    #[test]
    fn requests_and_what_is_critical_or_everyday_work_are_never_left_out() {
        let limiter = Limiter::default();
        for _ in 0..50 {
            let request = HttpFailed {
                method: Method::Get,
                path: Route::UNMATCHED,
                status_code: 503,
                duration: Duration::ZERO,
                code: None,
            };
            assert_eq!(admitted(&limiter, request), Some(0));
            let task = crate::Code::of("relay");
            assert_eq!(admitted(&limiter, TaskEnded { task }), Some(0));
            assert_eq!(admitted(&limiter, ServiceStarting {}), Some(0));
        }
    }

    #[test]
    fn more_kinds_than_can_be_told_apart_are_all_written() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for number in 0..2 * KINDS {
            assert_eq!(limiter.admit_at(now, "code", number.to_string()), Some(0));
        }
        let error = Causes::of_any(&std::fmt::Error);
        assert_eq!(admitted(&limiter, OutboxRelayFailed { error }), Some(0));
    }

    #[test]
    fn kinds_that_are_over_make_room_and_what_was_left_out_of_them_is_told() {
        let (limiter, begun) = (Limiter::default(), Instant::now());
        let at =
            |seconds, code, kind: String| limiter.admit_at(begun + Duration::from_secs(seconds), code, kind);
        for number in 0..KINDS {
            let admitted = (0..13).filter_map(|_| at(1, "old", number.to_string()));
            assert_eq!(admitted.count(), 10);
        }
        let said: Vec<_> = (0..12).map(|_| at(61, "new", "new".to_owned())).collect();
        assert_eq!(said, [vec![Some(0); 10], vec![None; 2]].concat());
        let left_out = u64::try_from(3 * KINDS).expect("a small number");
        assert_eq!(at(61, "old", "other".to_owned()), Some(left_out));
        assert_eq!(at(61, "old", "other".to_owned()), Some(0));
    }
}
