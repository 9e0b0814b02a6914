//! Starts a child, listens to it, and makes sure that it ends.

use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use domain::batch::{Anomaly, Splitting};
use domain::{IdentityZone, Reading};
use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::cause::{Cause, ChildError};
use super::config::SandboxConfig;
use super::directory::{self, JobDirectory};
use super::document_file::{BookletFile, DocumentFile};
use super::image_file::PageFile;
use super::protocol::{Confinement, NOT_BECOME, Order, SUBCOMMAND, Task};
use super::report::{self, Bounds, Made, Verdict};

/// What a child may say on its error output before we stop keeping it.
const MAX_NOISE: u64 = 4096;

/// What Tesseract says where a language is not installed.
const NO_LANGUAGE: &[u8] = b"Error opening data file";

/// Runs documents through children, any number at a time.
#[derive(Debug)]
pub struct Sandbox {
    config: SandboxConfig,
}

/// A document that was processed to its last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// How many pages were handed over.
    pub pages: u32,
    /// What held the child meanwhile.
    pub confinement: Confinement,
}

/// A copy that was bound with what its correctors gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectedFiles {
    /// The corrected document.
    pub document: DocumentFile,
    /// The one that does not show who wrote the copy, if there was to be one.
    pub anonymous: Option<DocumentFile>,
    /// What held the child meanwhile.
    pub confinement: Confinement,
}

/// A scan of many copies that was taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenApart {
    /// How many pages the scan has. Each is in one of the booklets that were handed over.
    pub pages: u32,
    /// What people have to look at.
    pub anomalies: Vec<Anomaly>,
    /// What held the child meanwhile.
    pub confinement: Confinement,
}

/// What was read in an image. It names somebody, so it has no `Debug`.
pub struct Text {
    /// The text.
    pub reading: Reading,
    /// What held the program that read it.
    pub confinement: Confinement,
}

impl Sandbox {
    /// Prepares the directory of all jobs.
    pub fn new(config: SandboxConfig) -> io::Result<Self> {
        directory::prepare(&config.work_dir)?;
        Ok(Self { config })
    }

    /// How much room a job may take.
    #[must_use]
    pub fn disk_limit(&self) -> u64 {
        self.config.disk_limit
    }

    /// A directory for one job.
    pub fn directory(&self) -> io::Result<JobDirectory> {
        JobDirectory::new(&self.config.work_dir)
    }

    /// Has a child turn the document in `job` into images, on pages with the zone also without it. `on_total` is told the number of pages when the document is open;
    /// `on_page` gets every page as soon as it is written. When this future is dropped, the child is killed.
    ///
    /// It has to be polled by a thread that lives as long as the child, as those of a runtime do: the kernel ends
    /// the child with the thread that started it.
    pub async fn import(
        &self,
        job: &JobDirectory,
        zone: Option<IdentityZone>,
        on_total: impl FnMut(u32),
        mut on_page: impl FnMut(PageFile),
    ) -> Result<Done, ChildError> {
        let task = Task::Import {
            zone: zone.map(Into::into),
        };
        let on_made = |made| {
            if let Made::Page(page) = made {
                on_page(page);
            }
        };
        match self.child(job, task, on_total, on_made).await? {
            Verdict::Done(done) => Ok(done),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Corrected(_) | Verdict::Split(_) | Verdict::Read(_) | Verdict::Tried { .. } => {
                Err(Cause::Protocol.into())
            }
        }
    }

    /// Has a child take the scan in `job` apart. `on_total` is told the number of pages of the scan when it is open;
    /// `on_booklet` gets every booklet as soon as it is written. The same holds as for [`Sandbox::import`].
    pub async fn split(
        &self,
        job: &JobDirectory,
        splitting: Splitting,
        on_total: impl FnMut(u32),
        mut on_booklet: impl FnMut(BookletFile),
    ) -> Result<TakenApart, ChildError> {
        let task = Task::Split {
            pages_per_copy: splitting.pages_per_copy.get(),
            layout: splitting.layout,
        };
        let on_made = |made| {
            if let Made::Booklet(booklet) = made {
                on_booklet(booklet);
            }
        };
        match self.child(job, task, on_total, on_made).await? {
            Verdict::Split(taken_apart) => Ok(taken_apart),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Done(_) | Verdict::Corrected(_) | Verdict::Read(_) | Verdict::Tried { .. } => {
                Err(Cause::Protocol.into())
            }
        }
    }

    /// Has a child bind the document in `job` with the correction that lies beside it. `on_total` is told how many
    /// pages of the document go into it. The same holds as for [`Sandbox::import`].
    pub async fn finalize(
        &self,
        job: &JobDirectory,
        on_total: impl FnMut(u32),
    ) -> Result<CorrectedFiles, ChildError> {
        match self.child(job, Task::Finalize, on_total, |_made| {}).await? {
            Verdict::Corrected(files) => Ok(files),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Done(_) | Verdict::Split(_) | Verdict::Read(_) | Verdict::Tried { .. } => {
                Err(Cause::Protocol.into())
            }
        }
    }

    /// Has a child become the program that reads, on the image that lies in `job` where a document would. The same holds
    /// as for [`Sandbox::import`].
    pub async fn read(&self, job: &JobDirectory) -> Result<Text, ChildError> {
        if !self.can_read() {
            return Err(Cause::NoReader.into());
        }
        let verdict = self.child(job, Task::Read, |_total| {}, |_made| {}).await;
        match verdict.map_err(ChildError::of_reading)? {
            Verdict::Read(text) => Ok(text),
            Verdict::Done(_)
            | Verdict::Corrected(_)
            | Verdict::Split(_)
            | Verdict::Refused(_)
            | Verdict::Tried { .. } => Err(ChildError::from(Cause::Protocol).of_reading()),
        }
    }

    /// Whether there is a program that reads.
    #[must_use]
    pub fn can_read(&self) -> bool {
        self.config.reader.is_file()
    }

    /// Runs a child to its end, or to the end of its time.
    pub(super) async fn child(
        &self,
        job: &JobDirectory,
        task: Task,
        on_total: impl FnMut(u32),
        on_made: impl FnMut(Made),
    ) -> Result<Verdict, ChildError> {
        let mut child = self.start(job, task).map_err(ChildError::parent)?;
        let bounds = Bounds {
            directory: job.path(),
            max_pages: self.config.limits.max_pages,
            image_limit: self.config.image_limit,
            document_limit: self.config.document_limit,
            task,
        };
        let stopped = tokio::select! {
            outcome = supervise(&mut child, bounds, on_total, on_made) => return outcome,
            () = tokio::time::sleep(self.time_for(task)) => Cause::WallTime,
            () = job.overfull(self.config.disk_limit) => Cause::DiskSpace,
        };
        child.kill().await.map_err(ChildError::parent)?;
        Err(stopped.into())
    }

    fn start(&self, job: &JobDirectory, task: Task) -> io::Result<Child> {
        let mut command = Command::new(&self.config.program);
        command
            .arg(SUBCOMMAND)
            .arg(serde_json::to_string(&self.order(task))?)
            .stdin(Stdio::null());
        if let Task::Read = task {
            // It needs no file of its own, so it may have none: what it reads comes to it.
            command.arg(&self.config.reader).stdin(File::open(job.input())?);
        }
        command
            .env_clear()
            // The allocator of the child asks for address space in pieces that fit the limit.
            .env("MIMALLOC_ARENA_RESERVE", "16MiB")
            .current_dir(job.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    fn time_for(&self, task: Task) -> Duration {
        match task {
            Task::Read => self.config.reading_limit,
            Task::Import { .. } | Task::Finalize | Task::Split { .. } | Task::Try(_) => {
                self.config.wall_limit
            }
        }
    }

    fn order(&self, task: Task) -> Order {
        let SandboxConfig {
            limits, rendering, ..
        } = &self.config;
        Order {
            task,
            parent: std::process::id(),
            memory_limit: self.config.memory_limit,
            cpu_seconds: self.config.cpu_limit.min(self.time_for(task)).as_secs().max(1),
            file_limit: match task {
                Task::Import { .. } | Task::Try(_) => self.config.image_limit,
                Task::Finalize | Task::Split { .. } => self.config.document_limit,
                Task::Read => 0,
            },
            max_pages: limits.max_pages,
            max_pixels_per_page: limits.max_pixels_per_page,
            max_decoded_bytes: limits.max_decoded_bytes,
            dpi: rendering.dpi,
            max_display_pixels: rendering.max_display_pixels,
            max_passed_on_bytes: rendering.max_passed_on_bytes,
            thumbnail_px: rendering.thumbnail_px,
        }
    }
}

/// Listens to a child until it ends.
async fn supervise(
    child: &mut Child,
    bounds: Bounds<'_>,
    on_total: impl FnMut(u32),
    on_made: impl FnMut(Made),
) -> Result<Verdict, ChildError> {
    let (stdout, stderr) = child
        .stdout
        .take()
        .zip(child.stderr.take())
        .ok_or(Cause::Parent)?;
    let task = bounds.task;
    let listen = async {
        let verdict = report::read(BufReader::new(stdout), bounds, on_total, on_made).await;
        if verdict.is_err() {
            child.start_kill().map_err(ChildError::parent)?;
        }
        verdict
    };
    let (verdict, noise) = tokio::join!(listen, noise(stderr));
    let verdict = verdict?;
    let status = child.wait().await.map_err(ChildError::parent)?;
    verdict
        .filter(|_| status.success())
        .ok_or_else(|| death(task, status, &noise).into())
}

/// Drains the error output so that the child never waits for us, and keeps the beginning. It is looked at for the
/// marks of the runtime's own last words, and then forgotten: it may quote the document.
async fn noise(mut stderr: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut kept = Vec::new();
    let read = (&mut stderr).take(MAX_NOISE).read_to_end(&mut kept).await;
    if read.is_ok() {
        // A failure here shows in the status.
        let _drained = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    }
    kept
}

/// Why a child is dead that did not say so itself.
fn death(task: Task, status: ExitStatus, noise: &[u8]) -> Cause {
    let said = |mark: &[u8]| noise.windows(mark.len()).any(|window| window == mark);
    match status.signal().and_then(Signal::from_named_raw) {
        Some(Signal::ABORT) if said(b"memory allocation of") => Cause::Memory,
        Some(Signal::ABORT | Signal::SEGV | Signal::BUS) if said(b"overflowed its stack") => Cause::Stack,
        Some(Signal::XCPU) => Cause::ProcessorTime,
        Some(Signal::XFSZ) => Cause::FileSize,
        Some(Signal::SYS) => Cause::Forbidden,
        Some(_) => Cause::Signal,
        None if matches!(task, Task::Read)
            && (status.code() == Some(NOT_BECOME.into()) || said(NO_LANGUAGE)) =>
        {
            Cause::NoReader
        }
        None => Cause::Silence,
    }
}
