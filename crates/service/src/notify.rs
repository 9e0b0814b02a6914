//! Telling systemd that the service has started, that it is alive, and that it ends: units of `Type=notify` with `WatchdogSec=`.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::sync::Arc;

/// Where it listens, if somebody does. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Notify(Option<Arc<Ear>>);

#[derive(Debug)]
struct Ear {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Notify {
    /// To this socket, a file or with `@` before it a name, or to nobody.
    pub(crate) fn to(socket: Option<&Path>) -> io::Result<Self> {
        let Some(path) = socket else {
            return Ok(Self(None));
        };
        let address = match path.as_os_str().as_bytes() {
            [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
            _ => SocketAddr::from_pathname(path)?,
        };
        let socket = UnixDatagram::unbound()?;
        // Who does not read must not hold up the service.
        socket.set_nonblocking(true)?;
        Ok(Self(Some(Arc::new(Ear { socket, address }))))
    }

    /// That it has started. If this is not heard, nothing else will be: it would be killed soon, and nobody knew why.
    pub(crate) fn started(&self) -> io::Result<()> {
        self.say("READY=1")
    }

    /// That its runtime runs tasks.
    pub(crate) fn alive(&self) {
        // One of many that is lost is of no account.
        _ = self.say("WATCHDOG=1");
    }

    /// That it ends, and is not to be thought dead.
    pub(crate) fn stopping(&self) {
        // It ends all the same.
        _ = self.say("STOPPING=1");
    }

    fn say(&self, what: &str) -> io::Result<()> {
        match &self.0 {
            Some(ear) => ear
                .socket
                .send_to_addr(what.as_bytes(), &ear.address)
                .map(|_whole| ()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_file_is_reached_as_well() {
        let name = format!("korrigo-notify-{}", std::process::id());
        let ear = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let notify = Notify::to(Some(Path::new(&format!("@{name}")))).unwrap();
        notify.started().unwrap();
        let mut heard = [0; 16];
        let length = ear.recv(&mut heard).unwrap();
        assert_eq!(heard.get(..length), Some(b"READY=1".as_slice()));
    }

    #[test]
    fn a_socket_where_nobody_listens_is_told_of_and_none_at_all_is_not() {
        Notify::to(None).unwrap().started().unwrap();
        let nobody = Notify::to(Some(Path::new("/nowhere/notify"))).unwrap();
        assert!(nobody.started().is_err());
        nobody.alive();
        nobody.stopping();
    }
}
