//! A sandbox in a directory of its own, with settings that keep tests short.

use std::path::{Path, PathBuf};
use std::time::Duration;

use contracts::grading as pb;
use domain::IdentityZone;
use domain::batch::Splitting;
use pdf_worker::sandbox::{
    BookletFile, ChildError, CorrectedFiles, DocumentFile, Done, JobDirectory, PageFile, Sandbox,
    SandboxConfig, TakenApart, Text,
};
use prost::Message as _;
use tempfile::TempDir;
use testkit::stand_in;

/// A sandbox that is gone with everything in it at the end of the test.
pub struct Harness {
    pub work_dir: TempDir,
    config: SandboxConfig,
}

/// What became of a document.
#[derive(Debug)]
pub struct Run {
    pub outcome: Result<Done, ChildError>,
    pub total: Option<u32>,
    pub pages: Vec<PageFile>,
    /// Kept, because the images are in it.
    pub _directory: JobDirectory,
}

impl Harness {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings than the usual ones.
    pub fn with(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let work_dir = tempfile::tempdir().unwrap();
        let mut config = SandboxConfig {
            program: env!("CARGO_BIN_EXE_korrigo-pdf-worker").into(),
            work_dir: work_dir.path().to_owned(),
            memory_limit: 256 * 1024 * 1024,
            cpu_limit: Duration::from_secs(20),
            wall_limit: Duration::from_mins(1),
            reader: testkit::tesseract(),
            reading_limit: Duration::from_secs(30),
            image_limit: 16 * 1024 * 1024,
            document_limit: 64 * 1024 * 1024,
            disk_limit: 256 * 1024 * 1024,
            limits: pdf::Limits::default(),
            rendering: pdf::Rendering::default(),
        };
        change(&mut config);
        Self { work_dir, config }
    }

    /// With a program that is not the worker: a script that plays a child which was taken over.
    pub fn with_impostor(script: &str) -> Self {
        let harness = Self::new();
        stand_in(harness.work_dir.path(), "impostor", script);
        let program = harness.work_dir.path().join("impostor");
        Self {
            config: SandboxConfig {
                program,
                ..harness.config
            },
            ..harness
        }
    }

    pub fn reader(&mut self, program: PathBuf) {
        self.config.reader = program;
    }

    pub fn wall_limit(&mut self, limit: Duration) {
        self.config.wall_limit = limit;
    }

    pub fn disk_limit(&mut self, limit: u64) {
        self.config.disk_limit = limit;
    }

    pub fn sandbox(&self) -> Sandbox {
        Sandbox::new(self.config.clone()).unwrap()
    }

    /// Imports a document without an identity zone.
    pub async fn run(&self, document: &[u8]) -> Run {
        self.import(document, None).await
    }

    pub async fn import(&self, document: &[u8], zone: Option<IdentityZone>) -> Run {
        let sandbox = self.sandbox();
        let directory = sandbox.directory().unwrap();
        std::fs::write(directory.input(), document).unwrap();
        let (mut total, mut pages) = (None, Vec::new());
        let outcome = sandbox
            .import(
                &directory,
                zone,
                |count| total = Some(count),
                |page| pages.push(page),
            )
            .await;
        Run {
            outcome,
            total,
            pages,
            _directory: directory,
        }
    }

    /// Takes a scan apart: the number of its pages, the booklets, and how it ended. The files are gone when the
    /// directory is dropped.
    pub async fn split(
        &self,
        document: &[u8],
        splitting: Splitting,
    ) -> (
        JobDirectory,
        Option<u32>,
        Vec<BookletFile>,
        Result<TakenApart, ChildError>,
    ) {
        let sandbox = self.sandbox();
        let directory = sandbox.directory().unwrap();
        std::fs::write(directory.input(), document).unwrap();
        let (mut total, mut booklets) = (None, Vec::new());
        let outcome = sandbox
            .split(
                &directory,
                splitting,
                |count| total = Some(count),
                |booklet| booklets.push(booklet),
            )
            .await;
        (directory, total, booklets, outcome)
    }

    /// Reads what is written in an image.
    pub async fn read(&self, image: &[u8]) -> Result<Text, ChildError> {
        let sandbox = self.sandbox();
        let directory = sandbox.directory().unwrap();
        std::fs::write(directory.input(), image).unwrap();
        sandbox.read(&directory).await
    }

    /// Finalizes a copy. The files are gone when the directory is dropped.
    pub async fn finalize(
        &self,
        document: &[u8],
        input: &pb::FinalizeInput,
    ) -> (JobDirectory, Result<CorrectedFiles, ChildError>) {
        self.finalize_merged(&[document], input).await
    }

    /// Finalizes a copy that came in several files.
    pub async fn finalize_merged(
        &self,
        documents: &[&[u8]],
        input: &pb::FinalizeInput,
    ) -> (JobDirectory, Result<CorrectedFiles, ChildError>) {
        let sandbox = self.sandbox();
        let directory = sandbox.directory().unwrap();
        for (index, document) in documents.iter().enumerate() {
            std::fs::write(directory.source(index), document).unwrap();
        }
        std::fs::write(directory.correction(), input.encode_to_vec()).unwrap();
        let outcome = sandbox.finalize(&directory, |_total| {}).await;
        (directory, outcome)
    }
}

/// What a child wrote.
pub async fn bytes(file: &DocumentFile) -> Vec<u8> {
    let mut pieces = file.open().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        let piece = pieces.next().await.unwrap();
        if piece.is_empty() {
            return bytes;
        }
        bytes.extend_from_slice(&piece);
    }
}

/// How many entries a directory has.
pub fn entries(directory: &Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}
