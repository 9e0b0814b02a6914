//! Telling others on which port a listener ended up, when it was asked to take any free one.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// Writes the address to a file, whole or not at all. Whoever started the process waits for the file.
pub fn announce(path: &Path, address: SocketAddr) -> io::Result<()> {
    let mut temporary = path.to_owned().into_os_string();
    temporary.push(".new");
    fs::write(&temporary, format!("{address}\n"))?;
    fs::rename(&temporary, path)
}
