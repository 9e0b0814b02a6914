//! The seat of an operator: a shell in a copy of `deploy/`, on a machine that is a directory.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::{Shell, program, shell::Typed, stand_in};

/// Places of a machine that are below the directory of the test instead.
const PLACES: [&str; 5] = [
    "/etc/korrigo",
    "/etc/systemd/system",
    "/mnt/",
    "/usr/local/bin",
    "/var/lib/korrigo",
];
/// Where stand-ins write what they were called with: a line each, words parted by a character that nobody types.
const CALLED: &str = "called";
const PARTED: char = '\u{1f}';

/// What every stand-in does. It writes its line in one go: one may hand something to another, while both write.
const NOTE: &str = "call=${0##*/} parted=$(printf '\\037'); for word; do call=$call$parted$word; done
printf '%s\\n' \"$call\" >>\"$CALLED\"";
/// In the operator's container a command is run, as it is there. Files that are handed on have to be there.
const DOCKER: &str = "while [ $# -gt 0 ] && [ \"$1\" != operator ]; do shift; done
[ $# -lt 2 ] || { shift; exec \"$@\"; }";
const KUBECTL: &str = "for word; do
    case $word in --from-file=*) [ -f \"${word##*=}\" ] || exit 1 ;; esac
done
case \" $* \" in *\" logs \"*) [ -z \"$KORRIGO_LOG_DIR\" ] || exec grep -rh '' \"$KORRIGO_LOG_DIR\" ;; esac
while [ $# -gt 0 ] && [ \"$1\" != -- ]; do shift; done
[ $# -lt 2 ] || { shift; exec \"$@\"; }";

/// Somebody who types.
pub(crate) struct Seat {
    shell: Shell,
    machine: PathBuf,
}

impl Seat {
    /// Sits down at a machine that is this directory, with these variables.
    pub(crate) fn take(machine: &Path, variables: Vec<(String, OsString)>) -> Self {
        for place in PLACES {
            fs::create_dir_all(machine.join(place.trim_start_matches('/'))).unwrap();
        }
        let programs = machine.join("stand-ins");
        for (name, does) in [
            ("docker", DOCKER),
            ("kubectl", KUBECTL),
            ("systemctl", ""),
            ("journalctl", ""),
            ("useradd", ""),
            ("runuser", ""),
            ("rabbitmqctl", ""),
        ] {
            stand_in(&programs, name, &format!("{NOTE}\n{does}"));
        }
        symlink(program("korrigo"), programs.join("korrigo")).unwrap();
        let clone = machine.join("clone");
        copy_of_deploy(machine, &clone);
        fs::write(clone.join("password-file"), "a password that is long enough\n").unwrap();
        let called = ("CALLED".to_owned(), machine.join(CALLED).into());
        Self {
            shell: Shell::open(&clone, &programs, variables.into_iter().chain([called])),
            machine: machine.to_owned(),
        }
    }

    /// Types a line that does what it should.
    pub(crate) fn enter(&mut self, line: &str) {
        let (code, printed) = self.outcome(line);
        assert_eq!(code, 0, "{line}: {printed}");
    }

    /// How a line ends, and what it prints.
    pub(crate) fn outcome(&mut self, line: &str) -> (i32, String) {
        let Typed { code, printed } = self.shell.enter(&here(&self.machine, line));
        (code, printed)
    }

    /// A place of the machine, or a file of the clone.
    pub(crate) fn path(&self, place: &str) -> PathBuf {
        match place.strip_prefix('/') {
            Some(below) => self.machine.join(below),
            None => self.machine.join("clone").join(place),
        }
    }

    /// What stand-ins were called with, by their names and words.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let called = fs::read_to_string(self.machine.join(CALLED)).unwrap_or_default();
        let words = |line: &str| line.split(PARTED).map(str::to_owned).collect();
        called.lines().map(words).collect()
    }
}

/// What is said of a machine, as it is for one that is a directory.
fn here(machine: &Path, said: &str) -> String {
    PLACES.iter().fold(said.to_owned(), |said, place| {
        said.replace(place, &format!("{}{place}", machine.display()))
    })
}

fn copy_of_deploy(machine: &Path, clone: &Path) {
    let deploy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");
    fs::create_dir_all(clone).unwrap();
    let copied = Command::new("cp").args(["-R", deploy]).arg(clone).status();
    assert!(copied.unwrap().success());
    let settings = clone.join("deploy/systemd/operator.env");
    let said = fs::read_to_string(&settings).unwrap();
    fs::write(settings, here(machine, &said)).unwrap();
}
