//! What is done to the stack, and undone by whoever mends it.

use std::path::PathBuf;
use std::process::Child;

use tokio::task::JoinSet;

/// The faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A document is uploaded that cannot be read.
    BrokenScan,
    /// The worker is killed while there is work.
    WorkerDown,
    /// The worker hangs: it has its connections and does nothing.
    WorkerHangs,
    /// The file of a copy is away when its corrected document is to be made.
    SourceGone,
    /// Somebody took a copy and went away.
    LockKept,
    /// Somebody keeps a transaction open that others wait for.
    TransactionsBlocked,
    /// Somebody who rules the database changed a copy behind the services' back.
    ChangeWithoutEvent,
    /// Somebody who rules the database altered an event.
    EventAltered,
    /// The broker's disk is short.
    BrokerFull,
    /// The broker is stopped.
    BrokerDown,
    /// The database is stopped.
    DatabaseDown,
    /// The volume of the blobs is full.
    VolumeFull,
}

/// A fault that was done: what it hit, and what is needed to undo it.
#[derive(Debug, Default)]
pub(super) struct Harm {
    /// The copy that somebody asks about.
    pub(super) copy: String,
    /// The process in the database that holds up others.
    pub(super) blocker: String,
    /// A file that was moved, and where it belongs.
    pub(super) moved: Option<(PathBuf, PathBuf)>,
    /// Whoever keeps the transaction open. Only its end matters.
    pub(super) _holder: Option<Holder>,
    /// People who go on working meanwhile.
    pub(super) people: JoinSet<()>,
}

/// A program with a transaction open. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Holder(pub(super) Child);

impl Drop for Holder {
    fn drop(&mut self) {
        // It may have ended already: that is what the drill is about.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
