//! Asks the service that runs here with the same settings whether it is ready, for whoever can only run a program to find out.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// No answer is longer.
const LONGEST: u64 = 16 * 1024;

/// Whether it is, and what it says of it.
pub(crate) fn ready(admin: SocketAddr) -> io::Result<(bool, String)> {
    let mut stream = TcpStream::connect_timeout(&from_here(admin), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status == Some("200"), format!("{}\n", body.trim_end())))
}

/// What listens on all addresses is reached on the machine's own.
fn from_here(admin: SocketAddr) -> SocketAddr {
    let own = match admin.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        own @ (IpAddr::V4(_) | IpAddr::V6(_)) => own,
    };
    SocketAddr::new(own, admin.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_asked_on_the_loopback() {
        for (listens, asked) in [
            ("0.0.0.0:9100", "127.0.0.1:9100"),
            ("[::]:9100", "[::1]:9100"),
            ("10.0.0.7:9100", "10.0.0.7:9100"),
        ] {
            assert_eq!(from_here(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
