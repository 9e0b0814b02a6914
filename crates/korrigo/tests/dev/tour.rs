//! The README, typed into a terminal beside a running stack as it stands.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use korrigo::fences::{self, Said};
use testkit::{Shell, shell::Typed, stand_in, tool};

use crate::stack::until;

/// Lines that are not typed, and why.
const NOT_TYPED: [(&str, &str); 2] = [
    ("make run", "it starts the stack that is typed beside"),
    ("make test", "it runs this"),
];
/// Commands within sentences, and who does what they say.
const IN_PASSING: [(&str, &str); 6] = [
    (
        "KORRIGO_OTLP_ENDPOINT=http://127.0.0.1:4317 make run",
        "the stack is started with it, and the address is called",
    ),
    ("make run", "see above"),
    (
        "make clean-dev",
        "`korrigo dev clean`, at the end of the same test",
    ),
    ("make prove", "it is done by itself"),
    ("make help", "it is typed here"),
    (
        "korrigo --help",
        "the same of each command is tested where they are made",
    ),
];
/// With this word a line says that it is repeated until something else is done.
const LATER: &str = "later";
/// With these it says how it ends, if not with 0.
const ENDS: &str = "# ends with ";

/// Takes the tour beside the stack in `directory`: no command fails, no request is refused, and answers are as they are shown.
pub(crate) fn take(directory: &Path) {
    let mut terminal = Terminal::open(directory);
    let text = fs::read_to_string(repository().join("README.md")).unwrap();
    let (mut typed, mut last) = (BTreeSet::new(), String::new());
    for said in fences::read(&text) {
        match said {
            Said::Plain(_) => {}
            Said::Fenced { mark: "sh", line } => {
                let command = line.split(" #").next().unwrap_or_default().trim().to_owned();
                if NOT_TYPED.iter().all(|(not, _)| *not != command) {
                    last = terminal.enter(&line);
                }
                typed.insert(command);
            }
            Said::Fenced { mark: "json", line } => assert!(
                names(&line).is_subset(&names(&last)),
                "another answer is shown:\n{line}\n{last}"
            ),
            Said::Fenced { mark, line } => panic!("whose is this: {mark}: {line}"),
        }
    }
    for (not, why) in NOT_TYPED {
        assert!(typed.contains(not), "nobody says any more: {not}, as {why}");
    }
    let is_command = |span: &String| {
        let words = span.split(' ').skip_while(|word| word.contains('='));
        let words: Vec<&str> = words.collect();
        words.len() > 1 && ["make", "korrigo"].contains(&words[0])
    };
    let said: BTreeSet<String> = fences::inline(&text).into_iter().filter(is_command).collect();
    let known = IN_PASSING.map(|(command, _)| command.to_owned());
    assert_eq!(
        said,
        BTreeSet::from(known),
        "commands within sentences of the README"
    );
    let help = terminal.enter(&format!("make --directory {} help", repository().display()));
    assert!(help.contains("make run"), "{help}");
    for made in ["page-1.jpg", "corrected.pdf", "pronote.csv", "trail.ndjson"] {
        let size = fs::metadata(directory.join(made)).unwrap().len();
        assert!(size > 100, "{made}: {size} bytes");
    }
}

/// The names of the fields in an answer, or in a part of one.
fn names(answer: &str) -> BTreeSet<&str> {
    let parts: Vec<_> = answer.split('"').collect();
    let names = parts.windows(2).filter(|pair| pair[1].starts_with(':'));
    names.map(|pair| pair[0]).collect()
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A terminal in what looks like a clone of the repository.
struct Terminal<'a> {
    shell: Shell,
    directory: &'a Path,
}

impl<'a> Terminal<'a> {
    fn open(directory: &'a Path) -> Self {
        let programs = Path::new(env!("CARGO_BIN_EXE_korrigo")).parent().unwrap();
        fs::create_dir(directory.join("target")).unwrap();
        symlink(programs, directory.join("target/debug")).unwrap();
        symlink(
            repository().canonicalize().unwrap().join("docs"),
            directory.join("docs"),
        )
        .unwrap();
        let stand_ins = directory.join("stand-ins");
        let curl = tool("curl", "curl");
        let program = curl.get_program().to_str().unwrap();
        let lines = format!("{program} --fail-with-body \"$@\" || {{ echo \"$*\" >>refused; exit 22; }}");
        stand_in(&stand_ins, "curl", &lines);
        let libraries = curl
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_owned())));
        let target = ("CARGO_TARGET_DIR".to_owned(), directory.join("target").into());
        // A machine that runs tests is busy, and what is slow there is no fault.
        let patience = ("KORRIGO_LOOK_WITHIN".to_owned(), "20s".into());
        Self {
            shell: Shell::open(directory, &stand_ins, libraries.chain([target, patience])),
            directory,
        }
    }

    /// What a line prints that does what it should.
    fn enter(&mut self, line: &str) -> String {
        if line.contains(LATER) {
            return until(|| self.try_enter(line).ok());
        }
        self.try_enter(line).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn try_enter(&mut self, line: &str) -> Result<String, String> {
        let Typed { code, printed } = self.shell.enter(line);
        let refused = self.directory.join("refused");
        let said = line.split_once(ENDS).map_or("0", |(_, said)| said);
        if said.split(',').next() == Some(&code.to_string()) && !refused.exists() {
            return Ok(printed);
        }
        // In a pipe, a request that is refused does not end the line.
        drop(fs::remove_file(refused));
        Err(format!("{line}\nends with {code}:\n{printed}"))
    }
}
