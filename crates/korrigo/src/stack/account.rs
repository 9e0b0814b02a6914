//! Which account a server runs as. PostgreSQL refuses to run as root.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stack::Error;

/// An account other than our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its user id.
    pub user: u32,
    /// Its group id.
    pub group: u32,
}

impl Account {
    /// Who root becomes for a server that refuses root; `None` when we are not root and stay who we are.
    pub fn for_unprivileged_servers() -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        match Self::named("postgres")? {
            Some(account) => Ok(Some(account)),
            None => Self::named("nobody"),
        }
    }

    /// Gives `path` to this account.
    pub fn own(self, path: &Path) -> Result<(), Error> {
        chown(path, Some(self.user), Some(self.group)).map_err(Error::file(path))
    }

    fn named(name: &str) -> Result<Option<Self>, Error> {
        let id = |flag| {
            let output = Command::new("id").arg(flag).arg(name).output();
            output
                .map(|output| String::from_utf8_lossy(&output.stdout).trim().parse().ok())
                .map_err(|source| Error::Run {
                    program: "id".to_owned(),
                    source,
                })
        };
        Ok(id("-u")?.zip(id("-g")?).map(|(user, group)| Self { user, group }))
    }
}

/// The first directory on the way to `path` that strangers may not enter.
pub(crate) fn closed_directory(path: &Path) -> Option<PathBuf> {
    let mut directories: Vec<&Path> = path.ancestors().collect();
    directories.reverse();
    directories.into_iter().find_map(|directory| {
        let open = match directory.metadata() {
            Ok(metadata) => metadata.permissions().mode() & 0o001 != 0,
            // What does not exist yet will be made by us.
            Err(_missing) => true,
        };
        (!open).then(|| directory.to_owned())
    })
}
