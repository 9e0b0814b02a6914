//! Settings of the PDF worker.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use domain::secret::Secret;
use service::config::{Invalid, duration, period};
use service::link::Callee;

use crate::sandbox::SandboxConfig;

/// The PDF worker of Korrigo.
#[derive(Parser)]
#[command(name = "korrigo-pdf-worker", version)]
pub struct Config {
    #[command(flatten)]
    pub(crate) service: service::Common,

    #[command(flatten)]
    pub(crate) grading: Callee,

    /// The token by which Korrigo's services know each other, at least 16 characters.
    #[arg(long, env = "KORRIGO_SERVICE_TOKEN", hide_env_values = true, value_parser = service::config::token)]
    pub(crate) service_token: Secret,

    /// RabbitMQ.
    #[arg(long, env = "KORRIGO_AMQP_URL", hide_env_values = true, value_parser = service::config::secret)]
    pub(crate) amqp_url: Secret,

    #[command(flatten)]
    pub(crate) amqp_authority: service::config::AmqpAuthority,

    #[command(flatten)]
    pub(crate) blobs: blobs::Settings,

    /// A directory for documents that are being processed. Emptied at start.
    #[arg(long, env = "KORRIGO_WORK_DIR")]
    pub(crate) work_dir: PathBuf,

    /// A directory for reports of failed attempts that the grading service could not be told of. Workers may share it; it must survive a
    /// restart of the machine. Without it, `reports` in the directory of the blobs.
    #[arg(long, env = "KORRIGO_REPORTS_DIR")]
    pub(crate) reports_dir: Option<PathBuf>,

    /// How many imports run at a time.
    #[arg(long, env = "KORRIGO_IMPORT_SLOTS", default_value = "1")]
    pub(crate) import_slots: NonZeroU16,

    /// How many corrected documents are made at a time. They have slots of their own, so that a pile of imports never
    /// delays a teacher.
    #[arg(long, env = "KORRIGO_FINALIZE_SLOTS", default_value = "1")]
    pub(crate) finalize_slots: NonZeroU16,

    /// How many copies are read at a time for who wrote them. It is slow, and has slots of its own.
    #[arg(long, env = "KORRIGO_IDENTITY_SLOTS", default_value = "1")]
    pub(crate) identity_slots: NonZeroU16,

    /// The program that reads who wrote a copy: Tesseract, with its French and its English. Where there is none, copies are identified
    /// by hand, without suggestions.
    #[arg(long, env = "KORRIGO_TESSERACT", default_value = "/usr/bin/tesseract")]
    pub(crate) tesseract: PathBuf,

    /// How long it may take to read who wrote a copy.
    #[arg(long, env = "KORRIGO_IDENTITY_TIMEOUT", default_value = "30s", value_parser = period)]
    pub(crate) identity_timeout: Duration,

    /// How long a document may take.
    #[arg(long, env = "KORRIGO_DOCUMENT_TIMEOUT", default_value = "5m", value_parser = period)]
    pub(crate) document_timeout: Duration,

    /// How much processor time a document may take.
    #[arg(long, env = "KORRIGO_DOCUMENT_CPU", default_value = "5m", value_parser = period)]
    pub(crate) document_cpu: Duration,

    /// How many MiB of memory a document may take; the files of a merged copy alone have up to 192.
    #[arg(long, env = "KORRIGO_DOCUMENT_MEMORY_MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(64..=65_536))]
    pub(crate) document_memory_mib: u64,

    /// How many MiB the files of a document that is being processed may take.
    #[arg(long, env = "KORRIGO_DOCUMENT_DISK_MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(256..=65_536))]
    pub(crate) document_disk_mib: u64,

    /// How many pages a document may have.
    #[arg(long, env = "KORRIGO_MAX_PAGES", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_pages: u32,

    /// After a signal to stop, how long running jobs may go on before they are handed back.
    #[arg(long, env = "KORRIGO_HAND_BACK_AFTER", default_value = "20s", value_parser = duration)]
    pub(crate) hand_back_after: Duration,

    /// How often unreferenced blobs are swept.
    #[arg(long, env = "KORRIGO_SWEEP_INTERVAL", default_value = "1h", value_parser = period)]
    pub(crate) sweep_interval: Duration,

    /// How old an unreferenced blob must be to be swept.
    #[arg(long, env = "KORRIGO_SWEEP_AGE", default_value = "24h", value_parser = duration)]
    pub(crate) sweep_age: Duration,
}

impl AsRef<service::Common> for Config {
    fn as_ref(&self) -> &service::Common {
        &self.service
    }
}

impl service::Settings for Config {
    fn check(&self) -> Result<(), Invalid> {
        self.grading.link()?;
        self.blobs()?;
        self.broker().map(drop)
    }
}

impl Config {
    /// How to reach RabbitMQ.
    pub(crate) fn broker(&self) -> Result<broker::Config, Invalid> {
        let (url, authority) = (self.amqp_url.expose(), self.amqp_authority.file());
        let config = broker::Config::new(url, authority, "korrigo-pdf-worker");
        config.map_err(|mistake| Invalid::new(mistake.key(), mistake.problem()))
    }

    /// Where the blobs are.
    pub(crate) fn blobs(&self) -> Result<blobs::Config, Invalid> {
        let config = self.blobs.config();
        config.map_err(|unclear| Invalid::new(unclear.key, unclear.problem))
    }

    /// Where reports are kept that could not be delivered.
    pub(crate) fn reports(&self) -> PathBuf {
        let beside_the_blobs = || self.blobs.blobs_dir.join("reports");
        self.reports_dir.clone().unwrap_or_else(beside_the_blobs)
    }

    /// The settings of the children.
    pub(crate) fn sandbox(&self) -> SandboxConfig {
        SandboxConfig {
            program: SandboxConfig::OWN_PROGRAM.into(),
            work_dir: self.work_dir.clone(),
            memory_limit: self.document_memory_mib * 1024 * 1024,
            cpu_limit: self.document_cpu,
            wall_limit: self.document_timeout,
            reader: self.tesseract.clone(),
            reading_limit: self.identity_timeout,
            image_limit: MAX_IMAGE_BYTES,
            document_limit: MAX_DOCUMENT_BYTES,
            disk_limit: self.document_disk_mib * 1024 * 1024,
            limits: pdf::Limits {
                max_pages: self.max_pages,
                ..pdf::Limits::default()
            },
            rendering: pdf::Rendering::default(),
        }
    }
}

/// No image of a page comes near this.
const MAX_IMAGE_BYTES: u64 = 64 * 1024 * 1024;
/// The largest upload, and more than correctors can write.
const MAX_DOCUMENT_BYTES: u64 = 256 * 1024 * 1024;
