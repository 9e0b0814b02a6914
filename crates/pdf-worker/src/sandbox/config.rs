//! What a child is given.

use std::path::PathBuf;
use std::time::Duration;

/// Limits of a child, and what it is asked to make.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The program to run: normally [`SandboxConfig::OWN_PROGRAM`].
    pub program: PathBuf,
    /// Where job directories are made. Nothing else belongs there; leftovers of dead workers are removed.
    pub work_dir: PathBuf,
    /// Address space that the document may take, on top of what the program itself has.
    pub memory_limit: u64,
    /// Processor time.
    pub cpu_limit: Duration,
    /// Time on the wall, from start to end.
    pub wall_limit: Duration,
    /// The program that reads what is written in images: Tesseract.
    pub reader: PathBuf,
    /// Time on the wall that it has for an image.
    pub reading_limit: Duration,
    /// Size of an image file.
    pub image_limit: u64,
    /// Size of a corrected document.
    pub document_limit: u64,
    /// Size of everything in the directory of a job, at any moment.
    pub disk_limit: u64,
    /// Limits of the document.
    pub limits: pdf::Limits,
    /// How the images should come out.
    pub rendering: pdf::Rendering,
}

impl SandboxConfig {
    /// The program that is running, even if its file was replaced since.
    pub const OWN_PROGRAM: &'static str = "/proc/self/exe";
}
