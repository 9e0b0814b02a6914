//! The directory of a local stack: what lies where, and its secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::secret::Secret;
use rustix::process::Signal;

use crate::Failure;
use crate::audit::make_key;
use crate::stack::{Account, Error, Packages, Process, Room, place_for_servers};
use crate::terminal;

/// The directory of a local stack, in use.
#[derive(Debug)]
pub struct Home {
    room: Room,
    servers: PathBuf,
}

impl Home {
    /// Enters the directory and locks it; it is made if it is missing.
    pub fn enter(directory: &Path) -> Result<Self, Failure> {
        let room = Room::enter(directory).map_err(|error| {
            let in_use = matches!(error, Error::InUse { .. });
            if in_use {
                runs_already(directory)
            } else {
                Failure::from(error)
            }
        })?;
        let servers = server_directory(room.directory())?;
        let home = Self { room, servers };
        for directory in ["audit", "blobs", "logs", "run", "secrets", "work"] {
            let directory = home.path(directory);
            fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
        }
        for (name, mode) in [("secrets", 0o700), ("logs", 0o750)] {
            let directory = home.path(name);
            let private = fs::Permissions::from_mode(mode);
            fs::set_permissions(&directory, private).map_err(Error::file(&directory))?;
        }
        Ok(home)
    }

    /// A path below it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.room.path(name)
    }

    /// Where the servers live.
    #[must_use]
    pub fn servers(&self) -> &Path {
        &self.servers
    }

    /// Where the servers' programs are.
    pub fn packages(&self) -> Result<Packages, Error> {
        packages(self.room.directory())
    }

    /// The secret of this name, random and made at the first call.
    pub fn secret(&self, name: &str) -> Result<Secret, Error> {
        Ok(Secret::new(&self.room.secret(&format!("secrets/{name}"))?))
    }

    /// The file with the key that signs checkpoints of the audit trail, made at the first call.
    pub fn audit_key(&self) -> Result<PathBuf, Failure> {
        let path = self.path("secrets/audit-key");
        if !path.exists() {
            let failed = |error| Failure::new(error, "`make clean-dev` starts over");
            let name = "korrigo.example/dev".parse();
            let name =
                name.map_err(|_impossible| Failure::new("a key has an impossible name", "report it"))?;
            make_key(&path, name).map_err(failed)?;
        }
        Ok(path)
    }

    /// A shorter one, which people may have to type.
    pub fn password(&self, name: &str) -> Result<Secret, Error> {
        let secret = self.secret(name)?;
        let short: String = secret.expose().chars().take(16).collect();
        Ok(Secret::new(&short))
    }
}

fn runs_already(directory: &Path) -> Failure {
    let settings = directory.join("dev.env");
    Failure::new(
        "a local stack is running here already",
        format!(
            "use it (its addresses are in {}), or stop it with Ctrl-C in its terminal",
            settings.display()
        ),
    )
}

/// Where the programs are that had to be unpacked.
pub(crate) fn packages(directory: &Path) -> Result<Packages, Error> {
    let unpacked = directory.join("packages");
    fs::create_dir_all(&unpacked).map_err(Error::file(&unpacked))?;
    Ok(Packages::new(
        &unpacked.canonicalize().map_err(Error::file(&unpacked))?,
    ))
}

/// Where servers live that belong to `directory`. Says so if it is elsewhere.
pub(crate) fn server_directory(directory: &Path) -> Result<PathBuf, Error> {
    let place = place_for_servers(directory)?;
    if place != directory.canonicalize().map_err(Error::file(directory))? {
        let account = Account::for_unprivileged_servers()?;
        let user = account.map_or(0, |account| account.user);
        terminal::progress(format_args!(
            "the account {user} that runs PostgreSQL cannot enter {}: the servers live in {}",
            directory.display(),
            place.display()
        ));
    }
    Ok(place)
}

/// Removes a local stack with everything it stored.
pub fn clean(directory: &Path) -> Result<(), Failure> {
    if !directory.exists() {
        return Ok(());
    }
    let home = Home::enter(directory)?;
    let directory = home.room.directory().to_owned();
    let tests = place_for_servers(&directory.join("test"))?;
    for run in runs(&tests) {
        // Fails while the tests go on.
        drop(Room::enter(&run)?);
        end_left_behind(&run);
    }
    end_left_behind(&home.servers);
    for directory in [&tests, &home.servers, &directory] {
        if directory.exists() {
            fs::remove_dir_all(directory).map_err(Error::file(directory))?;
        }
    }
    Ok(())
}

/// Removes what killed runs of the tests have left.
pub(crate) fn remove_left_behind(tests: &Path) {
    for run in runs(tests) {
        // Fails while the run goes on; what cannot be removed now is removed the next time.
        if let Ok(room) = Room::enter(&run) {
            end_left_behind(room.directory());
            drop(fs::remove_dir_all(&run));
        }
    }
}

fn runs(tests: &Path) -> Vec<PathBuf> {
    let entries = tests.read_dir().into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Ends the servers of a directory whose owner has gone.
fn end_left_behind(directory: &Path) {
    for file in ["postgres/pid", "rabbitmq/pid", "rabbitmq/mapper-pid"] {
        if let Some(process) = Process::remembered(&directory.join(file)) {
            process.end(Signal::KILL, Duration::from_secs(5));
        }
    }
}
