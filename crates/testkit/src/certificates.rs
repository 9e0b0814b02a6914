//! Certificates for the link to grading, made by the commands of `docs/operations.md`.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use korrigo::fences;

use crate::environment::faketime;

const HEADING: &str = "Certificates between the services";
/// Where its commands put certificates.
const BELOW: &str = "certificates";
/// What it says for services of one machine.
const HERE: &str = "host=IP:127.0.0.1";

/// An authority, and what it has signed: a certificate for each program.
#[derive(Debug, Clone)]
pub struct Certificates {
    directory: PathBuf,
}

/// How certificates can be other than they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// That of grading is for another host.
    WrongName,
    /// They have expired; their authority has not.
    Expired,
    /// They expire within days.
    Expiring,
}

impl Certificates {
    /// Makes them in this directory, word for word as the document says for one machine.
    #[must_use]
    pub fn make(directory: &Path) -> Self {
        Self::made(directory, &documented(), Command::new("sh"))
    }

    /// Makes them again with the same authority, in another directory.
    #[must_use]
    pub fn renew(&self, directory: &Path) -> Self {
        self.signed(directory, &documented(), Command::new("sh"))
    }

    /// The same with a flaw.
    #[must_use]
    pub fn spoil(&self, directory: &Path, flaw: Flaw) -> Self {
        let (mut commands, mut shell) = (documented(), Command::new("sh"));
        match flaw {
            Flaw::WrongName => commands = commands.replace(HERE, "host=DNS:elsewhere.example"),
            Flaw::Expired => made_before(&mut shell, "-1000d"),
            Flaw::Expiring => made_before(&mut shell, "-360d"),
        }
        self.signed(directory, &commands, shell)
    }

    /// All commands but the one that makes an authority.
    fn signed(&self, directory: &Path, commands: &str, shell: Command) -> Self {
        let below = directory.join(BELOW);
        fs::create_dir_all(&below).expect("a directory for certificates");
        for file in ["authority.pem", "authority.key"] {
            fs::copy(self.file(file), below.join(file)).expect("a copy");
        }
        let makes_an_authority = |line: &&str| line.contains("req -x509");
        let lines = commands.lines().filter(|line| !makes_an_authority(line));
        Self::made(directory, &lines.collect::<Vec<_>>().join("\n"), shell)
    }

    fn made(directory: &Path, commands: &str, mut shell: Command) -> Self {
        fs::create_dir_all(directory).expect("a directory for certificates");
        shell.args(["-euc", commands]).current_dir(directory);
        let output = shell.output().expect("there is a shell");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        Self {
            directory: directory.join(BELOW),
        }
    }

    /// A file of theirs.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What a program is told, by its name: `korrigo-gateway`.
    #[must_use]
    pub fn settings(&self, program: &str) -> [(&'static str, String); 3] {
        let file = |name: &str| self.file(name).display().to_string();
        [
            ("KORRIGO_GRADING_TLS_CERTIFICATE", file(&format!("{program}.pem"))),
            ("KORRIGO_GRADING_TLS_KEY", file(&format!("{program}.key"))),
            ("KORRIGO_GRADING_TLS_AUTHORITY", file("authority.pem")),
        ]
    }

    /// Puts another's certificate and key in the place of those of a program. It sees them when it is started again.
    pub fn replace(&self, program: &str, others: &Self, other: &str) {
        for end in ["pem", "key"] {
            let from = others.file(&format!("{other}.{end}"));
            fs::copy(from, self.file(&format!("{program}.{end}"))).expect("a copy");
        }
    }

    /// Accepts these authorities only, from the next start of each program on.
    pub fn accept(&self, authorities: &[&str]) {
        let together: String = authorities.concat();
        fs::write(self.file("authority.pem"), together).expect("a file of authorities");
    }

    /// The authorities that are accepted.
    #[must_use]
    pub fn authority(&self) -> String {
        fs::read_to_string(self.file("authority.pem")).expect("a file of authorities")
    }
}

/// What it makes was made so long ago, by its own clock.
fn made_before(shell: &mut Command, before: &str) {
    shell.env("LD_PRELOAD", faketime()).env("FAKETIME", before);
}

/// The commands of the section that make certificates, as one script.
fn documented() -> String {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = fs::read_to_string(document).expect("the document");
    let lines = fences::lines(&text);
    let section = lines.iter().filter(|line| line.section == HEADING);
    let first = section.clone().next().expect("its section").fence;
    let script: Vec<_> = section
        .filter(|line| line.fence == first)
        .map(|line| line.text.as_str())
        .collect();
    let script = script.join("\n");
    assert!(script.contains(HERE), "the section says {HERE}");
    script
}

/// How grading is called at this address.
pub(crate) fn url_of_grading(certificates: Option<&Certificates>, address: SocketAddr) -> String {
    let scheme = if certificates.is_some() { "https" } else { "http" };
    format!("{scheme}://{address}")
}
