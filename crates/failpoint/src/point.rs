//! The one list of places.

macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// A place at which a process may die.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Point { $($(#[$doc])* $variant,)* }

        impl Point {
            /// Every place, along the way of a copy.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

points! {
    /// A gateway has written a piece of an upload, and not the next one.
    UploadPiece = "upload-piece";
    /// An upload is a blob, and nothing refers to it.
    UploadStored = "upload-stored";
    /// Grading has answered a gateway, and the caller does not know.
    Forwarded = "forwarded";
    /// A statement of a transaction is next.
    Statement = "statement";
    /// All statements of a transaction have run, and it is not committed.
    Commit = "commit";
    /// A transaction is committed, and whoever asked for it does not know.
    Committed = "committed";
    /// The relay has leased messages, and not published them.
    OutboxLeased = "outbox-leased";
    /// The relay has published messages, and not marked them.
    OutboxPublished = "outbox-published";
    /// A worker has a message, and not claimed its job.
    JobDelivered = "job-delivered";
    /// A worker has claimed a job, and not begun it.
    JobClaimed = "job-claimed";
    /// One of the results of a job is a blob.
    ResultStored = "result-stored";
    /// An attempt has ended, and nobody was told.
    JobDone = "job-done";
    /// Grading knows how an attempt ended, and its message is not acknowledged.
    JobReported = "job-reported";
    /// A failure that could not be told is on the disk, and its message is not acknowledged.
    ReportKept = "report-kept";
    /// A failure that was kept is told, and still on the disk.
    ReportTold = "report-told";
    /// A checkpoint of the trail is in its file, and nobody knows.
    CheckpointWritten = "checkpoint-written";
}
