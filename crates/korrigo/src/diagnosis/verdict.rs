//! The closed list of verdicts.

domain::closed_names! {
    /// What is the matter.
    Verdict {
        /// Nothing more is to be done.
        Done = "done",
        /// The request caused no job; what else it did, only the logs know.
        LeftNothing = "left_nothing",
        /// It was put aside.
        Discarded = "discarded",
        /// It was called off.
        Cancelled = "cancelled",
        /// The pages are there, and nobody has declared them complete yet.
        WaitingForValidation = "waiting_for_validation",
        /// Nobody corrects it at the moment.
        WaitingForCorrector = "waiting_for_corrector",
        /// Somebody corrects it.
        BeingCorrected = "being_corrected",
        /// A worker has it.
        BeingWorkedOn = "being_worked_on",
        /// It is in the queue, and workers take from it.
        WaitingForWorker = "waiting_for_worker",
        /// An attempt failed, and the next one waits for its time.
        AboutToBeRetried = "about_to_be_retried",
        /// It failed, and another job has taken it up since.
        TriedAgain = "tried_again",
        /// The lock has ended by itself and is still there.
        LockLapsed = "lock_lapsed",
        /// The message that tells workers of it was not taken by the broker.
        NotAnnounced = "not_announced",
        /// It is in the queue, and nobody takes from it.
        NoWorker = "no_worker",
        /// The worker that has it gives no sign of life.
        WorkerSilent = "worker_silent",
        /// Its pages could not be made.
        ImportFailed = "import_failed",
        /// Its corrected document could not be made.
        FinalizeFailed = "finalize_failed",
        /// A scan of many copies could not be taken apart.
        SplitFailed = "split_failed",
        /// No machine could read who wrote it.
        ReadFailed = "read_failed",
        /// The corrected documents of a release could not be put into one file.
        ArchiveFailed = "archive_failed",
    }
}

impl Verdict {
    /// Whether somebody has to do something.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Done
            | Self::LeftNothing
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
            Self::LeftNothing => {
                "this request caused no job, and events do not say which request they come from: look for it in the logs"
            }
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
            Self::SplitFailed => "see the code: `korrigo batches discard`, and scan and upload it again",
            Self::ReadFailed => {
                "identify the copy by hand; workers suggest pupils where Tesseract is installed"
            }
            Self::ArchiveFailed => "see the worker's log, then ask for the archive again",
        }
    }
}
