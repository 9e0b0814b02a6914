//! How a child can end without a result.

use domain::FailureCode;

/// Why there is no result, as a closed set for logs and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The child found the document wanting and said so.
    Reported,
    /// The engine panicked on the document; the child caught it and said so.
    Panicked,
    /// The wall timer ran out.
    WallTime,
    /// The processor time ran out.
    ProcessorTime,
    /// An allocation failed.
    Memory,
    /// A file grew beyond its limit.
    FileSize,
    /// All files together grew beyond their limit.
    DiskSpace,
    /// The stack overflowed.
    Stack,
    /// The child asked the kernel for something that is forbidden.
    Forbidden,
    /// A signal from elsewhere, or a crash.
    Signal,
    /// The child ended without a word.
    Silence,
    /// The child said something that no child says.
    Protocol,
    /// There is no program that reads, or it lacks its languages.
    NoReader,
    /// The parent could not prepare, start or read the child.
    Parent,
}

impl Cause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::Reported,
        Self::Panicked,
        Self::WallTime,
        Self::ProcessorTime,
        Self::Memory,
        Self::FileSize,
        Self::DiskSpace,
        Self::Stack,
        Self::Forbidden,
        Self::Signal,
        Self::Silence,
        Self::Protocol,
        Self::NoReader,
        Self::Parent,
    ];

    /// The fixed name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Panicked => "panicked",
            Self::WallTime => "wall_time",
            Self::ProcessorTime => "processor_time",
            Self::Memory => "memory",
            Self::FileSize => "file_size",
            Self::DiskSpace => "disk_space",
            Self::Stack => "stack",
            Self::Forbidden => "forbidden",
            Self::Signal => "signal",
            Self::Silence => "silence",
            Self::Protocol => "protocol",
            Self::NoReader => "no_reader",
            Self::Parent => "parent",
        }
    }

    /// The code of the job, where the child named none.
    pub(super) fn failure_code(self) -> FailureCode {
        match self {
            Self::Panicked => FailureCode::InvalidPdf,
            Self::WallTime | Self::ProcessorTime => FailureCode::Timeout,
            Self::Memory | Self::FileSize | Self::DiskSpace => FailureCode::PageTooLarge,
            Self::NoReader => FailureCode::OcrUnavailable,
            Self::Reported
            | Self::Stack
            | Self::Forbidden
            | Self::Signal
            | Self::Silence
            | Self::Protocol
            | Self::Parent => FailureCode::Unknown,
        }
    }
}

impl Cause {
    /// The code of a job that reads.
    fn reading_code(self) -> FailureCode {
        match self {
            Self::NoReader => FailureCode::OcrUnavailable,
            Self::WallTime | Self::ProcessorTime => FailureCode::OcrTimeout,
            Self::Reported
            | Self::Panicked
            | Self::Memory
            | Self::FileSize
            | Self::DiskSpace
            | Self::Stack
            | Self::Forbidden
            | Self::Signal
            | Self::Silence
            | Self::Protocol
            | Self::Parent => FailureCode::OcrFailed,
        }
    }
}

impl From<Cause> for &'static str {
    fn from(cause: Cause) -> &'static str {
        cause.as_str()
    }
}

/// A document that was not processed.
#[derive(Debug, thiserror::Error)]
#[error("the document was not processed: {}", cause.as_str())]
pub struct ChildError {
    /// The code of the job.
    pub code: FailureCode,
    /// What happened to the child.
    pub cause: Cause,
    /// The parent's own trouble, if it was that.
    #[source]
    pub source: Option<std::io::Error>,
}

impl ChildError {
    pub(super) fn reported(code: FailureCode) -> Self {
        Self {
            code,
            cause: Cause::Reported,
            source: None,
        }
    }

    /// The same as what became of an image that was to be read.
    pub(super) fn of_reading(self) -> Self {
        Self {
            code: self.cause.reading_code(),
            ..self
        }
    }

    pub(crate) fn parent(source: std::io::Error) -> Self {
        Self {
            source: Some(source),
            ..Self::from(Cause::Parent)
        }
    }
}

impl From<Cause> for ChildError {
    fn from(cause: Cause) -> Self {
        Self {
            code: cause.failure_code(),
            cause,
            source: None,
        }
    }
}
