//! A terminal for tests of documents: what a document says is typed into one shell, line by line, so that what a line sets
//! is there for the next one.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use korrigo::drill::PATH;

/// What follows the last line that a command prints.
const END: &str = "--- the line has ended with";

/// A shell that somebody types into. It ends when it is dropped.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What came of a line.
#[derive(Debug)]
pub struct Typed {
    /// How it ended.
    pub code: i32,
    /// Results and complaints.
    pub printed: String,
}

impl Shell {
    /// Opens one in a directory, with these variables and nothing else. Programs in `programs` come before all others.
    #[must_use]
    pub fn open(
        directory: &Path,
        programs: &Path,
        variables: impl IntoIterator<Item = (String, OsString)>,
    ) -> Self {
        let mut path = programs.as_os_str().to_owned();
        path.push(":");
        path.push(PATH);
        let mut command = Command::new("sh");
        command.env_clear().envs(variables).env("PATH", path);
        command.current_dir(directory).arg("-s");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a shell");
        let mut input = child.stdin.take().expect("its input");
        let output = child.stdout.take().expect("its output");
        writeln!(input, "exec 2>&1").expect("it listens");
        Self {
            child,
            input,
            output: BufReader::new(output),
        }
    }

    /// Types a line, and waits until it has ended. Nothing can be read from the terminal meanwhile.
    pub fn enter(&mut self, line: &str) -> Typed {
        let parsed = Command::new("sh").args(["-n", "-c", line]).status();
        assert!(parsed.expect("a shell").success(), "no line of a shell: {line}");
        writeln!(
            self.input,
            "{{ {line}\n}} </dev/null\nprintf '\\n%s %s\\n' '{END}' $?"
        )
        .expect("it listens");
        let mut printed = String::new();
        loop {
            let before = printed.len();
            let read = self.output.read_line(&mut printed).expect("it prints text");
            assert!(read > 0, "the shell ended: {line}: {printed}");
            let code = printed.get(before..).and_then(|last| last.strip_prefix(END));
            if let Some(code) = code.map(|code| code.trim().parse().expect("a code")) {
                printed.truncate(before.saturating_sub(1));
                return Typed { code, printed };
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Puts a program of a few lines into a directory, in place of another.
///
/// Somebody else writes it: no file runs that anybody has open for writing, and what another test starts meanwhile would have.
pub fn stand_in(directory: &Path, name: &str, lines: &str) {
    let path = directory.join(name);
    std::fs::create_dir_all(directory).expect("a directory");
    let writing = "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$0\" && chmod 755 \"$0\"";
    let written = Command::new("sh")
        .args(["-c", writing])
        .arg(&path)
        .arg(lines)
        .status();
    assert!(written.expect("a shell").success(), "there is {name}");
}
