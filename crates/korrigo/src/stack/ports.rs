//! Free ports on 127.0.0.1.
//!
//! They are taken from below the range that the system hands out to outgoing connections: a server that is
//! restarted must find its port again, not somebody's connection on it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;

use rand::RngExt as _;

use crate::stack::Error;

const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// The ports written down in `file` if all of them are still free, else new ones.
pub(crate) fn reserve<const N: usize>(file: &Path) -> Result<[u16; N], Error> {
    if let Some(ports) = remembered(file)
        && ports.iter().all(|&port| is_free(port))
    {
        return Ok(ports);
    }
    let mut ports = [0; N];
    for index in 0..N {
        let port = free(&ports)?;
        if let Some(place) = ports.get_mut(index) {
            *place = port;
        }
    }
    let text: Vec<String> = ports.iter().map(u16::to_string).collect();
    fs::write(file, text.join(" ")).map_err(Error::file(file))?;
    Ok(ports)
}

/// Whether a server could listen on `port` now.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether something listens on `port`.
#[must_use]
pub(crate) fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A free port that is none of `others`.
pub fn free(others: &[u16]) -> Result<u16, Error> {
    let mut random = rand::rng();
    let candidates = std::iter::repeat_with(|| random.random_range(RANGE)).take(1000);
    let mut candidates = candidates.filter(|port| !others.contains(port));
    candidates.find(|&port| is_free(port)).ok_or(Error::NoPort)
}

fn remembered<const N: usize>(file: &Path) -> Option<[u16; N]> {
    let text = fs::read_to_string(file).ok()?;
    let ports: Option<Vec<u16>> = text.split_whitespace().map(|port| port.parse().ok()).collect();
    ports?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_stay_the_same_until_somebody_else_takes_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ports");
        let first: [u16; 2] = reserve(&file).unwrap();
        assert_eq!(reserve::<2>(&file).unwrap(), first);

        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first[1])).unwrap();
        assert_ne!(reserve::<2>(&file).unwrap(), first);
    }
}
