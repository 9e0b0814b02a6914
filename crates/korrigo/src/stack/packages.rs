//! Where the servers' programs are: installed in the system, or unpacked below a directory of ours.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stack::Error;
use crate::stack::guarded::variables;

/// A server of the local stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The database.
    PostgreSql,
    /// The message broker.
    RabbitMq,
}

impl Server {
    /// The package that brings it, by the name that Debian and its relatives use.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::RabbitMq => "rabbitmq-server",
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PostgreSql => "PostgreSQL",
            Self::RabbitMq => "RabbitMQ",
        })
    }
}

/// The packages of Tesseract, which reads who wrote a copy, and of its languages. It is no server, and may be missing.
pub(crate) const READER: [&str; 3] = ["tesseract-ocr", "tesseract-ocr-fra", "tesseract-ocr-eng"];

/// Finds the servers' programs. The system's own come first, then what was unpacked.
#[derive(Debug, Clone)]
pub struct Packages {
    unpacked: PathBuf,
}

/// One server's programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// The directory of the server's programs.
    pub(crate) directory: PathBuf,
    /// The root of the unpacked packages, if they are not the system's.
    pub(crate) root: Option<PathBuf>,
}

impl Packages {
    /// Looks in the system, and below `unpacked`.
    #[must_use]
    pub fn new(unpacked: &Path) -> Self {
        Self {
            unpacked: unpacked.to_owned(),
        }
    }

    /// Those of `servers` that have to be installed first.
    #[must_use]
    pub fn missing(&self, servers: &[Server]) -> Vec<Server> {
        let missing = servers
            .iter()
            .copied()
            .filter(|&server| self.find(server).is_err());
        missing.collect()
    }

    /// The directory below which packages are unpacked.
    #[must_use]
    pub fn unpacked(&self) -> &Path {
        &self.unpacked
    }

    /// A command that runs one of PostgreSQL's tools: `psql`, `pg_dump` and the others.
    pub fn postgres_tool(&self, name: &str) -> Result<Command, Error> {
        let programs = self.find(Server::PostgreSql)?;
        let mut command = Command::new(programs.program(name));
        command.envs(programs.environment());
        Ok(command)
    }

    /// A command that runs a program which is no server: the system's, or that of `package` where it was unpacked.
    #[must_use]
    pub fn tool(&self, package: &str, name: &str) -> Option<Command> {
        if let Some(program) = on_path(name) {
            return Some(Command::new(program));
        }
        let root = self.unpacked.join(package);
        let programs = Programs::unpacked(root.join("usr/bin"), &root);
        let program = programs.program(name);
        program.is_file().then(|| {
            let mut command = Command::new(program);
            command.envs(programs.environment());
            command
        })
    }

    /// Tesseract: the system's, or the one that was unpacked.
    #[must_use]
    pub fn reader(&self) -> Option<PathBuf> {
        let [package, ..] = READER;
        let unpacked = self.unpacked.join(package).join("usr/bin/tesseract");
        let unpacked = || {
            std::path::absolute(unpacked)
                .ok()
                .filter(|program| program.is_file())
        };
        on_path("tesseract").or_else(unpacked)
    }

    /// A shared library by its name below the directory of libraries: the system's, or that of `package` where it was unpacked.
    #[must_use]
    pub fn library(&self, package: &str, name: &str) -> Option<PathBuf> {
        let roots = [PathBuf::from("/"), self.unpacked.join(package)];
        let mut places = roots.iter().map(|root| {
            let machine = std::env::consts::ARCH;
            root.join(format!("usr/lib/{machine}-linux-gnu")).join(name)
        });
        let found = places.find(|library| library.is_file())?;
        std::path::absolute(found).ok()
    }

    pub(crate) fn find(&self, server: Server) -> Result<Programs, Error> {
        let unpacked = self.unpacked.join(server.package());
        let found = match server {
            Server::PostgreSql => postgres_in(Path::new("/"))
                .or_else(postgres_on_path)
                .map(Programs::of_the_system)
                .or_else(|| Some(Programs::unpacked(postgres_in(&unpacked)?, &unpacked))),
            Server::RabbitMq => rabbitmq_in(Path::new("/"))
                .filter(|_| on_path("erl").is_some())
                .map(Programs::of_the_system)
                .or_else(|| Some(Programs::unpacked(rabbitmq_in(&unpacked)?, &unpacked))),
        };
        found.ok_or(Error::Missing { server })
    }
}

impl Programs {
    fn of_the_system(directory: PathBuf) -> Self {
        Self {
            directory,
            root: None,
        }
    }

    fn unpacked(directory: PathBuf, root: &Path) -> Self {
        Self {
            directory,
            root: Some(root.to_owned()),
        }
    }

    /// One program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The variables with which the programs find each other and their libraries.
    pub(crate) fn environment(&self) -> Vec<(OsString, OsString)> {
        const SYSTEM: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let utf8 = [("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8")];
        let mut environment = variables(utf8);
        match &self.root {
            None => environment.extend(variables([("PATH", SYSTEM)])),
            Some(root) => {
                let root = root.display();
                let path = format!("{root}/usr/lib/erlang/bin:{root}/usr/bin:{SYSTEM}");
                environment.extend(variables([("PATH", path)]));
                environment.extend(variables([("LD_LIBRARY_PATH", library_path(&root.to_string()))]));
            }
        }
        environment
    }
}

/// Debian keeps libraries in one directory per kind of machine.
fn library_path(root: &str) -> String {
    let machine = std::env::consts::ARCH;
    format!("{root}/usr/lib/{machine}-linux-gnu:{root}/lib/{machine}-linux-gnu:{root}/usr/lib")
}

fn postgres_in(root: &Path) -> Option<PathBuf> {
    postgres_directories(root).find(|directory| has_postgres(directory))
}

/// Where the newest `program` of the system's PostgreSQL is. Its client may be there without its server.
#[must_use]
pub fn newest_postgres(program: &str) -> Option<PathBuf> {
    postgres_directories(Path::new("/")).find(|directory| directory.join(program).is_file())
}

fn postgres_directories(root: &Path) -> impl Iterator<Item = PathBuf> {
    let versions = newest_first(&root.join("usr/lib/postgresql"), "");
    versions.into_iter().map(|version| version.join("bin"))
}

fn postgres_on_path() -> Option<PathBuf> {
    let program = on_path("postgres")?.canonicalize().ok()?;
    let directory = program.parent()?.to_owned();
    has_postgres(&directory).then_some(directory)
}

fn has_postgres(directory: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| directory.join(program).is_file())
}

/// The real scripts: those in `/usr/sbin` become another account and use the system's directories.
fn rabbitmq_in(root: &Path) -> Option<PathBuf> {
    let versions = newest_first(&root.join("usr/lib/rabbitmq/lib"), "rabbitmq_server-");
    let mut directories = versions.into_iter().map(|version| version.join("sbin"));
    directories.find(|directory| directory.join("rabbitmq-server").is_file())
}

fn newest_first(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let named = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(prefix))
    });
    let mut versions: Vec<PathBuf> = named.collect();
    versions.sort_by_key(|path| std::cmp::Reverse(version(path)));
    versions
}

fn version(path: &Path) -> Vec<u32> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let numbers = name.split(|c: char| !c.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Where the shell finds `program`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let script = "command -v -- \"$1\"";
    let output = Command::new("sh")
        .args(["-c", script, "sh", program])
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_by_number_and_not_by_letter() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "16", "other"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
        }
        let found = newest_first(directory.path(), "1");
        let names: Vec<_> = found
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["16", "15"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let directory = tempfile::tempdir().unwrap();
        assert!(postgres_in(directory.path()).is_none());
        let bin = directory.path().join("usr/lib/postgresql/15/bin");
        std::fs::create_dir_all(&bin).unwrap();
        assert!(postgres_in(directory.path()).is_none());
        for program in ["initdb", "postgres"] {
            std::fs::write(bin.join(program), "").unwrap();
        }
        assert_eq!(postgres_in(directory.path()), Some(bin));
    }

    #[test]
    fn a_tool_is_the_systems_or_the_one_that_was_unpacked() {
        let directory = tempfile::tempdir().unwrap();
        let packages = Packages::new(directory.path());
        assert!(packages.tool("coreutils", "sh").is_some());
        let name = "a-program-that-no-system-has";
        assert!(packages.tool("tools", name).is_none());
        let bin = directory.path().join("tools/usr/bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join(name), "").unwrap();
        let tool = packages.tool("tools", name).unwrap();
        assert_eq!(tool.get_program(), bin.join(name));
    }
}
