//! The closed list of verdicts.

/// What is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing more is to be done.
    Done,
    /// It was put aside.
    Discarded,
    /// It was called off.
    Cancelled,
    /// The pages are there, and nobody has declared them complete yet.
    WaitingForValidation,
    /// Nobody corrects it at the moment.
    WaitingForCorrector,
    /// Somebody corrects it.
    BeingCorrected,
    /// A worker has it.
    BeingWorkedOn,
    /// It is in the queue, and workers take from it.
    WaitingForWorker,
    /// An attempt failed, and the next one waits for its time.
    AboutToBeRetried,
    /// It failed, and another job has taken it up since.
    TriedAgain,
    /// The lock has ended by itself and is still there.
    LockLapsed,
    /// The message that tells workers of it was not taken by the broker.
    NotAnnounced,
    /// It is in the queue, and nobody takes from it.
    NoWorker,
    /// The worker that has it gives no sign of life.
    WorkerSilent,
    /// Its pages could not be made.
    ImportFailed,
    /// Its corrected document could not be made.
    FinalizeFailed,
    /// A scan of many copies could not be taken apart.
    SplitFailed,
    /// No machine could read who wrote it.
    ReadFailed,
    /// The corrected documents of a release could not be put into one file.
    ArchiveFailed,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Done,
        Self::Discarded,
        Self::Cancelled,
        Self::WaitingForValidation,
        Self::WaitingForCorrector,
        Self::BeingCorrected,
        Self::BeingWorkedOn,
        Self::WaitingForWorker,
        Self::AboutToBeRetried,
        Self::TriedAgain,
        Self::LockLapsed,
        Self::NotAnnounced,
        Self::NoWorker,
        Self::WorkerSilent,
        Self::ImportFailed,
        Self::FinalizeFailed,
        Self::SplitFailed,
        Self::ReadFailed,
        Self::ArchiveFailed,
    ];

    /// Its name, as scripts see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Discarded => "discarded",
            Self::Cancelled => "cancelled",
            Self::WaitingForValidation => "waiting_for_validation",
            Self::WaitingForCorrector => "waiting_for_corrector",
            Self::BeingCorrected => "being_corrected",
            Self::BeingWorkedOn => "being_worked_on",
            Self::WaitingForWorker => "waiting_for_worker",
            Self::AboutToBeRetried => "about_to_be_retried",
            Self::TriedAgain => "tried_again",
            Self::LockLapsed => "lock_lapsed",
            Self::NotAnnounced => "not_announced",
            Self::NoWorker => "no_worker",
            Self::WorkerSilent => "worker_silent",
            Self::ImportFailed => "import_failed",
            Self::FinalizeFailed => "finalize_failed",
            Self::SplitFailed => "split_failed",
            Self::ReadFailed => "read_failed",
            Self::ArchiveFailed => "archive_failed",
        }
    }

    /// Whether somebody has to do something.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Done
            | Self::Discarded
            | Self::Cancelled
            | Self::WaitingForValidation
            | Self::WaitingForCorrector
            | Self::BeingCorrected
            | Self::BeingWorkedOn
            | Self::WaitingForWorker
            | Self::AboutToBeRetried
            | Self::TriedAgain
            | Self::ReadFailed => false,
            Self::LockLapsed
            | Self::NotAnnounced
            | Self::NoWorker
            | Self::WorkerSilent
            | Self::ImportFailed
            | Self::FinalizeFailed
            | Self::SplitFailed
            | Self::ArchiveFailed => true,
        }
    }

    /// What it means, and what to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Done => "nothing is to be done",
            Self::Discarded => "it was put aside; upload it again if that was wrong",
            Self::Cancelled => "it was called off; `korrigo jobs retry` starts it again",
            Self::WaitingForValidation => "an administrator or corrector declares its pages complete",
            Self::WaitingForCorrector => "a corrector takes it",
            Self::BeingCorrected => "its corrector goes on; `korrigo locks release` takes it away",
            Self::BeingWorkedOn => "wait; it reports its progress",
            Self::WaitingForWorker => "wait; start more workers if that takes too long",
            Self::AboutToBeRetried => "wait for the next attempt",
            Self::TriedAgain => "`korrigo diagnose copy` says what came of it since",
            Self::LockLapsed => {
                "the grading service ends such locks within seconds: see whether one runs, or `korrigo locks release`"
            }
            Self::NotAnnounced => {
                "see whether RabbitMQ runs, has room and takes messages; what waits is sent by itself after"
            }
            Self::NoWorker => {
                "see whether workers run and reach RabbitMQ; what waits is taken by itself after"
            }
            Self::WorkerSilent => {
                "the grading service gives it to another worker by itself: see whether one runs, and the worker's log"
            }
            Self::ImportFailed => {
                "see the code: a broken document is to be scanned again (`korrigo copies discard`), all else `korrigo copies retry`"
            }
            Self::FinalizeFailed => "see the code and the worker's log, then `korrigo copies retry`",
            Self::SplitFailed => "see the code: upload the scan again, or discard the batch",
            Self::ReadFailed => {
                "identify the copy by hand; workers suggest pupils where Tesseract is installed"
            }
            Self::ArchiveFailed => "see the worker's log, then ask for the archive again",
        }
    }
}
