//! Networks: `10.0.0.0/8`, `2001:db8::/32`, or a single address.

use std::net::IpAddr;

use service::config::BadValue;

const NOT_A_NETWORK: BadValue =
    BadValue("expected addresses or networks such as 10.0.0.0/8, separated by commas");

/// All addresses that begin like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    first: IpAddr,
    /// How many bits are the same.
    length: u32,
}

/// Reads a network for a setting.
pub(crate) fn network(text: &str) -> Result<Network, BadValue> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let first: IpAddr = address.parse().map_err(|_other_text| NOT_A_NETWORK)?;
    let longest = match first {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let length = match length {
        None => longest,
        Some(text) => text.parse().map_err(|_not_a_number| NOT_A_NETWORK)?,
    };
    if length > longest {
        return Err(NOT_A_NETWORK);
    }
    Ok(Network { first, length })
}

impl Network {
    /// Whether `address` is one of them.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.length
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.length
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(text: &str, address: &str) -> bool {
        network(text).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_like_it() {
        assert!(contains("10.0.0.0/8", "10.255.0.1") && !contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.6"));
        assert!(contains("0.0.0.0/0", "203.0.113.9") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1") && !contains("2001:db8::/32", "2001:db9::1"));
        assert!(contains("::/0", "::1") && contains("::1", "::1"));
    }

    #[test]
    fn other_text_is_not_a_network() {
        for refused in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/x",
            "::/129",
            "proxy.example",
            "10.0.0/8",
        ] {
            assert!(network(refused).is_err(), "{refused}");
        }
    }
}
