//! Free ports on 127.0.0.1.
//!
//! They are taken from below the range that the system hands out to outgoing connections: a server that is
//! restarted must find its port again, not somebody's connection on it. For the same reason a process that has taken
//! one keeps it for as long as it lives, also while nothing listens there.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rand::RngExt as _;

use crate::stack::Error;

const RANGE: Range<u16> = 20_000..32_000;

/// The ports that this process has taken, and what keeps others from them: names that only one process can have, and that
/// go with it.
static TAKEN: Mutex<BTreeMap<u16, UnixListener>> = Mutex::new(BTreeMap::new());

/// The ports written down in `file` if all of them are still free, else new ones.
pub(crate) fn reserve<const N: usize>(file: &Path) -> Result<[u16; N], Error> {
    if let Some(ports) = remembered(file)
        && ports
            .iter()
            .all(|&port| (is_ours(port) || take(port)) && is_free(port))
    {
        return Ok(ports);
    }
    let mut ports = [0; N];
    for port in &mut ports {
        *port = free()?;
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

/// A free port, which nobody else who asks here is given while this process lives.
pub fn free() -> Result<u16, Error> {
    free_in(RANGE)
}

/// One of these.
pub fn free_in(range: Range<u16>) -> Result<u16, Error> {
    let mut random = rand::rng();
    let mut candidates = std::iter::repeat_with(|| random.random_range(range.clone())).take(1000);
    candidates
        .find(|&port| take(port) && is_free(port))
        .ok_or(Error::NoPort)
}

/// Takes a port, unless somebody has it: another process, or this one. It comes before a look whether the port is free, since a
/// look is in the way of whoever is about to listen there.
fn take(port: u16) -> bool {
    let taken = SocketAddr::from_abstract_name(format!("korrigo.port.{port}"))
        .and_then(|name| UnixListener::bind_addr(&name));
    let mut ours = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    taken.is_ok_and(|taken| ours.insert(port, taken).is_none())
}

fn is_ours(port: u16) -> bool {
    let ours = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    ours.contains_key(&port)
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

    #[test]
    fn a_port_is_given_once_also_while_nothing_listens_there() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ports");
        let port = free().unwrap();
        assert!(matches!(free_in(port..port + 1), Err(Error::NoPort)));
        fs::write(&file, port.to_string()).unwrap();
        assert_eq!(reserve(&file).unwrap(), [port]);

        let others = || TAKEN.lock().unwrap();
        let somebody = others().remove(&port);
        assert_ne!(reserve(&file).unwrap(), [port]);
        drop(somebody);
        fs::write(&file, port.to_string()).unwrap();
        assert_eq!(reserve(&file).unwrap(), [port]);
    }
}
