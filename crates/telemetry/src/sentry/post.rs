//! Bringing reports to the receiver, one connection each. There are few of them, and a thread that may wait.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use domain::Ids;

use super::dsn::Dsn;
use super::envelope::envelope;
use crate::log::{Identity, Record};

/// How long the receiver may take for each step.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it is left alone when it did not take a report. What comes meanwhile is lost, and counted.
const QUIET: Duration = Duration::from_secs(10);

/// Reports to one receiver.
#[derive(Debug)]
pub(crate) struct Reporter {
    dsn: Dsn,
    ids: Ids,
    quiet_until: Option<Instant>,
}

impl Reporter {
    pub(crate) fn new(dsn: Dsn) -> Self {
        Self {
            dsn,
            ids: Ids::time_ordered(),
            quiet_until: None,
        }
    }

    /// Reports a line, if it is an error.
    pub(crate) fn report(&mut self, record: &Record, identity: &Identity) -> io::Result<()> {
        let Some(report) = envelope(record, identity, self.ids.next()) else {
            return Ok(());
        };
        if self.quiet_until.is_some_and(|until| Instant::now() < until) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let sent = self.post(identity, &report);
        self.quiet_until = match sent {
            Ok(()) => None,
            Err(_) => Instant::now().checked_add(QUIET),
        };
        sent
    }

    fn post(&self, identity: &Identity, report: &str) -> io::Result<()> {
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        for address in self.dsn.address().to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(connection) => return self.exchange(connection, identity, report),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn exchange(&self, mut connection: TcpStream, identity: &Identity, report: &str) -> io::Result<()> {
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nX-Sentry-Auth: Sentry sentry_version=7, sentry_client=korrigo/{}, sentry_key={}\r\n\
             Content-Type: application/x-sentry-envelope\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.dsn.path(),
            self.dsn.host(),
            identity.version,
            self.dsn.key(),
            report.len(),
        );
        connection.write_all(format!("{head}{report}").as_bytes())?;
        // `HTTP/1.1 200`: nothing that follows matters.
        let mut answer = [0_u8; 12];
        connection.read_exact(&mut answer)?;
        if answer.starts_with(b"HTTP/1.") && answer.get(9) == Some(&b'2') {
            Ok(())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}
