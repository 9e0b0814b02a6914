//! The one thread that starts server processes.
//!
//! The kernel sends the parent-death signal when the *thread* that started a child ends, not when the
//! process does. A server started from a short-lived thread would die with that thread, so all of them are
//! started from one thread that lives as long as the process.

use std::io;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, SyncSender, channel, sync_channel};

struct Birth {
    command: Command,
    answer: SyncSender<io::Result<Child>>,
}

/// Starts `command` from the long-lived thread.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static NURSERY: OnceLock<Sender<Birth>> = OnceLock::new();
    let nursery = NURSERY.get_or_init(|| {
        let (sender, births) = channel::<Birth>();
        std::thread::spawn(move || {
            for mut birth in births {
                // Whoever asked may be gone; then the child is dropped with the answer and outlives nobody.
                drop(birth.answer.send(birth.command.spawn()));
            }
        });
        sender
    });
    let (answer, child) = sync_channel(1);
    nursery
        .send(Birth { command, answer })
        .map_err(|_gone| io::Error::other("the thread that starts processes has ended"))?;
    child
        .recv()
        .map_err(|_gone| io::Error::other("the thread that starts processes has ended"))?
}
