//! Where a request really comes from.
//!
//! It is the peer of the connection, unless that is one of our own proxies: then the header that the proxy
//! writes says it. Whatever the client itself has put there stands to the left of what our proxies have
//! added, so the list is read from the right, and the first address that is not a proxy of ours is the client.

mod forwarded;
mod network;

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};
use clap::ValueEnum;

pub(crate) use network::{Network, network};

/// The header in which our proxies say whom they act for. Only one is believed: a proxy passes the other on
/// as the client has sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProxyHeader {
    /// `X-Forwarded-For: client, proxy`.
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy`.
    Forwarded,
}

/// The proxies in front of the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Proxies {
    /// Where they are.
    pub(crate) trusted: Vec<Network>,
    /// What they write.
    pub(crate) header: ProxyHeader,
}

impl Proxies {
    /// The address of the client behind a request with these headers that came from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        if !self.trust(nearest) {
            return nearest;
        }
        let values = headers.get_all(self.header.name());
        let values: Vec<&str> = values.map(|value| value.to_str().unwrap_or_default()).collect();
        let hops: Vec<_> = values.iter().flat_map(|value| self.header.hops(value)).collect();
        for hop in hops.into_iter().rev() {
            // What is not an address is not looked behind: nobody knows who wrote it.
            let Some(address) = hop.as_deref().and_then(node) else {
                return nearest;
            };
            nearest = address.to_canonical();
            if !self.trust(nearest) {
                return nearest;
            }
        }
        nearest
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }
}

impl ProxyHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::Forwarded => HeaderName::from_static("forwarded"),
        }
    }

    /// Whom each element of a value of the header names, from left to right; `None` where that cannot be told.
    fn hops(self, value: &str) -> Vec<Option<String>> {
        match self {
            Self::XForwardedFor => value.split(',').map(|hop| Some(hop.to_owned())).collect(),
            Self::Forwarded => forwarded::hops(value),
        }
    }
}

/// An address, in brackets or not, with a port or not.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse().map(|socket: SocketAddr| socket.ip()).ok();
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(header: ProxyHeader, peer: &str, values: &[&str]) -> String {
        let proxies = Proxies {
            trusted: ["10.0.0.0/8", "2001:db8::/32"]
                .map(|text| network(text).unwrap())
                .into(),
            header,
        };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header.name(), HeaderValue::from_str(value).unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_peer_that_is_no_proxy_of_ours_is_the_client_whatever_it_says() {
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            for said in ["198.51.100.7", "for=198.51.100.7", "10.0.0.1"] {
                assert_eq!(client(header, "192.0.2.1", &[said]), "192.0.2.1");
            }
        }
    }

    #[test]
    fn behind_our_proxies_the_rightmost_other_address_is_the_client() {
        for (values, expected) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.7", "192.0.2.1, 10.0.0.2"], "192.0.2.1"),
            (&["192.0.2.1:5000"], "192.0.2.1"),
            (&["[2001:db9::1]:5000, 2001:db8::2"], "2001:db9::1"),
            (&["::ffff:192.0.2.1"], "192.0.2.1"),
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&["192.0.2.1, unknown"], "10.0.0.1"),
            (&["192.0.2.1, , 10.0.0.2"], "10.0.0.2"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(
                client(ProxyHeader::XForwardedFor, "10.0.0.1", values),
                expected,
                "{values:?}"
            );
        }
    }

    #[test]
    fn the_standard_header_is_read_in_all_its_forms() {
        for (values, expected) in [
            (&["for=192.0.2.1"][..], "192.0.2.1"),
            (
                &["for=198.51.100.7, For=\"192.0.2.1:80\";proto=https"],
                "192.0.2.1",
            ),
            (&["by=10.0.0.1;for=\"[2001:db9::1]:5000\""], "2001:db9::1"),
            (&["for=192.0.2.1, for=_hidden"], "10.0.0.1"),
            (&["for=192.0.2.1, proto=https"], "10.0.0.1"),
            (&["proto=http;host=\"x;for=6.6.6.6\";for=192.0.2.1"], "192.0.2.1"),
            (&["for=192.0.2.1;host=\"x,for=6.6.6.6\""], "192.0.2.1"),
            (&["for=192.0.2.1;host=\"x\\\",for=6.6.6.6\""], "192.0.2.1"),
            (&["for=\"192.0.2.\\1\""], "192.0.2.1"),
            (&["for=6.6.6.6, for=192.0.2.1, for=\"10.0.0.2\""], "192.0.2.1"),
        ] {
            assert_eq!(
                client(ProxyHeader::Forwarded, "10.0.0.1", values),
                expected,
                "{values:?}"
            );
        }
    }
    #[test]
    fn what_cannot_be_told_apart_ends_at_our_own_proxy() {
        for malformed in [
            "for=\"192.0.2.1",
            "for=6.6.6.6, host=\"x, for=192.0.2.1",
            "for=\"x, for=\"192.0.2.1\"",
            "for=\"x\\, for=192.0.2.1",
            "for=192.0.2.1;for=6.6.6.6",
            "for=192.0.2.1;FOR=192.0.2.1",
            "for=192.0.2.1;proto",
            "for=192.0.2.1;=http",
            "for=192.0.2.1;proto=",
            "for=192.0.2.1;proto=\"http\"s",
            "for=192.0.2.1;host=a b",
            "for =192.0.2.1",
            "for=[2001:db9::1]",
            "",
        ] {
            for values in [&[malformed][..], &["for=6.6.6.6", malformed, "for=10.0.0.2"]] {
                let nearest = if values.len() == 1 { "10.0.0.1" } else { "10.0.0.2" };
                assert_eq!(
                    client(ProxyHeader::Forwarded, "10.0.0.1", values),
                    nearest,
                    "{values:?}"
                );
            }
        }
    }
}
