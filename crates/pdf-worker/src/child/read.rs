//! Becoming the program that reads.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::main::say;
use crate::sandbox::protocol::{Line, NOT_BECOME};

/// The image comes in and the text goes out by the standard streams. Names of both languages, wherever they stand: of what
/// looks like handwriting that finds more than lines of one text do.
const ARGUMENTS: [&str; 6] = ["stdin", "stdout", "-l", "fra+eng", "--psm", "11"];

/// Where Debian puts the languages of Tesseract, by its version.
const LANGUAGES: [&str; 2] = [
    "usr/share/tesseract-ocr/5/tessdata",
    "usr/share/tesseract-ocr/4.00/tessdata",
];

/// Where the program is that was unpacked and not installed: its libraries and languages are there too.
pub(super) fn root_of(program: &Path) -> Option<&Path> {
    let is_below = program.ends_with("usr/bin/tesseract");
    let root = program.ancestors().nth(3).filter(|_| is_below);
    root.filter(|root| *root != Path::new("/"))
}

/// Comes back only if it did not succeed.
pub(super) fn become_reader(program: &Path) -> ExitCode {
    if say(&Line::Reading).is_ok() {
        // There are no processes or threads for it to share its work with.
        let mut command = Command::new(program);
        command.args(ARGUMENTS).env_clear().env("OMP_THREAD_LIMIT", "1");
        if let Some(root) = root_of(program) {
            point_to(&mut command, root);
        }
        let _not_replaced = command.exec();
    }
    ExitCode::from(NOT_BECOME)
}

/// Tells a program that was unpacked where the rest of it is.
fn point_to(command: &mut Command, root: &Path) {
    let (machine, root_text) = (std::env::consts::ARCH, root.display());
    let directories = ["usr/lib", "lib"].map(|lib| format!("{root_text}/{lib}/{machine}-linux-gnu"));
    command.env("LD_LIBRARY_PATH", directories.join(":"));
    let languages = LANGUAGES.map(|directory| root.join(directory));
    if let Some(languages) = languages.iter().find(|directory| directory.is_dir()) {
        command.env("TESSDATA_PREFIX", languages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_unpacked_has_a_root_and_the_systems_has_none() {
        let root = |program: &'static str| root_of(Path::new(program));
        let unpacked = "/srv/packages/tesseract-ocr/usr/bin/tesseract";
        assert_eq!(root(unpacked), Some(Path::new("/srv/packages/tesseract-ocr")));
        assert_eq!(root("/usr/bin/tesseract"), None);
        assert_eq!(root("/opt/tesseract"), None);
    }
}
