//! Reads PDF documents with a reader that shares no code with us, poppler's, and checks them with qpdf.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use crate::environment::tool;
use std::path::Path;

/// What a reader finds in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How many pages it has.
    pub pages: usize,
    /// Its text, with all space between words made one.
    pub text: String,
}

impl Reading {
    /// Reads the document with these bytes.
    #[must_use]
    pub fn of(document: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), document).expect("the document is written");
        let about = run("pdfinfo", file.path(), &[]);
        let pages = about.lines().find_map(|line| line.strip_prefix("Pages:"));
        let text = run("pdftotext", file.path(), &["-"]);
        Self {
            pages: pages
                .and_then(|pages| pages.trim().parse().ok())
                .expect("a number of pages"),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}

/// What qpdf finds wrong with a document; empty if nothing is.
#[must_use]
pub fn faults(document: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), document).expect("the document is written");
    let output = tool("qpdf", "qpdf")
        .arg("--check")
        .arg(file.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() || !said.is_empty() {
        said
    } else {
        output.status.to_string()
    }
}

/// The first page of a document as the reader shows it, at 72 dots per inch.
#[must_use]
pub fn first_page(document: &[u8]) -> image::RgbImage {
    let directory = tempfile::tempdir().expect("a directory");
    let (source, page) = (directory.path().join("document"), directory.path().join("page"));
    std::fs::write(&source, document).expect("the document is written");
    let to = page.to_str().expect("a plain path");
    run("pdftoppm", &source, &["-png", "-r", "72", "-singlefile", to]);
    let shown = std::fs::read(page.with_extension("png")).expect("a picture");
    let picture = image::load_from_memory(&shown).expect("a PNG");
    picture.into_rgb8()
}

fn run(program: &str, document: &Path, arguments: &[&str]) -> String {
    let mut tool = tool("poppler-utils", program);
    let output = tool.arg(document).args(arguments).output().expect("it runs");
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("it writes UTF-8")
}
