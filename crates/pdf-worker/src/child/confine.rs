//! Gives up every right that painting a document does not need. Nothing given up here comes back.

use std::io;
use std::path::Path;

use rustix::process::{
    DumpableBehavior, Signal, getppid, set_dumpable_behavior, set_parent_process_death_signal,
};
use rustix::thread::set_no_new_privs;

use super::{calls, files, limits};
use crate::sandbox::protocol::{Confinement, Layer, Order};

/// Confines this process, or the program that it is about to become, and says how far the kernel went along.
pub(super) fn confine(order: &Order, reader: Option<&Path>) -> io::Result<Confinement> {
    die_with_parent(order.parent)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    set_no_new_privs(true)?;
    limits::set(order)?;
    let files = files::restrict(reader);
    let system_calls = calls::restrict(reader.is_some());
    // No socket without its system call. Where that filter is missing, Landlock still refuses TCP on newer kernels.
    let network = match system_calls {
        Layer::Full | Layer::Partial => system_calls,
        Layer::Absent if files == Layer::Full => Layer::Partial,
        Layer::Absent => Layer::Absent,
    };
    Ok(Confinement {
        files,
        network,
        system_calls,
    })
}

/// A worker that is killed takes its children with it, also in the moment before this call.
fn die_with_parent(parent: u32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let actual = getppid().map(|process| process.as_raw_nonzero().get().unsigned_abs());
    if actual == Some(parent) {
        Ok(())
    } else {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
}
