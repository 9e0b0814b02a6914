//! Throttling of guesses: who has failed too often waits, longer each time.
//!
//! Failures are counted per account and per client address. Within a window some are free; each one more
//! blocks for twice as long as the one before. When the window is over and the last block too, all is
//! forgotten.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use chrono::TimeDelta;

use crate::Timestamp;
use crate::digest::{Digest, Hasher};
use crate::secret::Secret;
use crate::user::Login;

closed_names! {
    /// What failures are counted of.
    Scope {
        /// Of one login, whether somebody has it or not.
        Account = "account",
        /// Of one client address: a person, or a whole school behind one router.
        Address = "address",
    }
}

/// How much a scope takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many failures within the window have no consequence.
    pub free: u32,
    /// For how long failures are counted together.
    pub window: TimeDelta,
    /// How long the first failure too many blocks.
    pub first_block: TimeDelta,
    /// No block is longer.
    pub longest_block: TimeDelta,
}

/// The failures of one account or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// How many there were in the window.
    pub failures: u32,
    /// When the window began.
    pub begun_at: Timestamp,
    /// When the last block ends or has ended.
    pub blocked_until: Option<Timestamp>,
}

impl Counter {
    /// A counter of no failures whose window begins now.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            failures: 0,
            begun_at: now,
            blocked_until: None,
        }
    }

    /// How long it is blocked from now on, if it is.
    #[must_use]
    pub fn blocked_for(&self, now: Timestamp) -> Option<TimeDelta> {
        let left = self.blocked_until?.signed_duration_since(now);
        (left > TimeDelta::zero()).then_some(left)
    }

    /// The counter after one more failure.
    #[must_use]
    pub fn failed(self, limits: Limits, now: Timestamp) -> Self {
        let over = later(self.begun_at, limits.window) <= now && self.blocked_for(now).is_none();
        let before = if over { Self::new(now) } else { self };
        let failures = before.failures.saturating_add(1);
        let block = limits.block_after(failures).map(|block| later(now, block));
        Self {
            failures,
            blocked_until: block.max(before.blocked_until),
            ..before
        }
    }
}

impl Limits {
    /// How long a failure blocks, given how many there are with it.
    fn block_after(&self, failures: u32) -> Option<TimeDelta> {
        let too_many = failures.checked_sub(self.free)?.checked_sub(1)?;
        let doubled = 1_i32
            .checked_shl(too_many)
            .filter(|factor| *factor > 0)
            .and_then(|factor| self.first_block.checked_mul(factor));
        Some(doubled.map_or(self.longest_block, |block| block.min(self.longest_block)))
    }
}

fn later(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC)
}

/// Where requests come from, as far as it is told apart: an IPv4 address, or the /64 network of an IPv6
/// address, which is what one subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from_bits(network))
            }
            canonical @ IpAddr::V4(_) => canonical,
        })
    }
}

impl FromStr for ClientAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let address: IpAddr = text.parse().map_err(|_other_text| NotAnAddress)?;
        Ok(address.into())
    }
}

/// The text is not an IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address")]
pub struct NotAnAddress;

/// Under what a counter is stored: a digest that also holds a secret, since there are few addresses and
/// logins, and whoever reads the table could try them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What is counted.
    pub scope: Scope,
    /// What is stored.
    pub digest: Digest,
}

impl Key {
    /// The key of a login.
    #[must_use]
    pub fn of_login(login: &Login, pepper: &Secret) -> Self {
        Self::new(Scope::Account, &login.normalized(), pepper)
    }

    /// The key of a client address.
    #[must_use]
    pub fn of_address(address: ClientAddress, pepper: &Secret) -> Self {
        Self::new(Scope::Address, &address.0.to_string(), pepper)
    }

    fn new(scope: Scope, text: &str, pepper: &Secret) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(pepper.digest().as_bytes());
        hasher.update(scope.as_str().as_bytes());
        hasher.update(b":");
        hasher.update(text.as_bytes());
        Self {
            scope,
            digest: hasher.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        free: 3,
        window: TimeDelta::minutes(60),
        first_block: TimeDelta::seconds(30),
        longest_block: TimeDelta::minutes(15),
    };

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    /// The seconds that each failure blocks if the next comes as soon as it may.
    fn blocks(failures: usize) -> Vec<i64> {
        let mut now = at(0);
        let mut counter = Counter::new(now);
        let mut blocks = Vec::new();
        for _ in 0..failures {
            counter = counter.failed(LIMITS, now);
            let block = counter.blocked_for(now).unwrap_or_default();
            blocks.push(block.num_seconds());
            now += block;
        }
        blocks
    }

    #[test]
    fn some_failures_are_free_and_each_one_more_blocks_twice_as_long() {
        assert_eq!(blocks(10), [0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn all_is_forgotten_when_the_window_and_the_block_are_over() {
        let mut counter = Counter::new(at(0));
        for _ in 0..4 {
            counter = counter.failed(LIMITS, at(0));
        }
        assert_eq!(counter.failed(LIMITS, at(3599)).failures, 5);
        let fresh = counter.failed(LIMITS, at(3600));
        assert_eq!((fresh.failures, fresh.blocked_for(at(3600))), (1, None));
        let late = counter.failed(LIMITS, at(3590));
        assert_eq!(late.blocked_for(at(3600)), Some(TimeDelta::seconds(50)));
        assert_eq!(late.failed(LIMITS, at(3600)).failures, 6);
    }

    #[test]
    fn neighbours_of_an_ipv6_network_are_one_address_and_of_ipv4_are_not() {
        let same = |one: &str, other: &str| one.parse::<ClientAddress>() == other.parse();
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert_eq!("192.0.2.1:80".parse::<ClientAddress>(), Err(NotAnAddress));
    }

    #[test]
    fn keys_differ_by_scope_text_and_pepper_and_not_by_case() {
        let login = |text: &str| Login::new(text).unwrap();
        let (salt, pepper) = (Secret::new("salt"), Secret::new("pepper"));
        let key = Key::of_login(&login("192.0.2.1"), &salt);
        assert_eq!(key, Key::of_login(&login("192.0.2.1 "), &salt));
        assert_eq!(
            Key::of_login(&login("Ada"), &salt),
            Key::of_login(&login("ada"), &salt)
        );
        let address = "192.0.2.1".parse().unwrap();
        for other in [
            Key::of_address(address, &salt),
            Key::of_login(&login("192.0.2.2"), &salt),
            Key::of_login(&login("192.0.2.1"), &pepper),
        ] {
            assert_ne!(key.digest, other.digest);
        }
    }

    proptest! {
        #[test]
        fn a_block_is_never_shortened_and_never_longer_than_the_longest(gaps in prop::collection::vec(0_i64..4000, 1..60)) {
            let mut now = at(0);
            let mut counter = Counter::new(now);
            for gap in gaps {
                now += TimeDelta::seconds(gap);
                let before = counter.blocked_for(now).unwrap_or_default();
                counter = counter.failed(LIMITS, now);
                let after = counter.blocked_for(now).unwrap_or_default();
                prop_assert!(before <= after && after <= LIMITS.longest_block);
            }
        }
    }
}
