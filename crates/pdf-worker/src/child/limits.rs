//! The kernel's limits on the child's resources.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::sandbox::protocol::Order;

/// Deeply nested documents recurse; more than this is an attack.
const STACK: u64 = 64 * 1024 * 1024;
/// Input, output, three standard streams, and a little room.
const OPEN_FILES: u64 = 16;

/// Sets every limit, for good.
pub(super) fn set(order: &Order) -> io::Result<()> {
    let address_space = own_size()?
        .saturating_add(order.memory_limit)
        .saturating_add(STACK);
    fix(Resource::As, address_space)?;
    fix(Resource::Stack, STACK)?;
    fix(Resource::Fsize, order.file_limit)?;
    fix(Resource::Nofile, OPEN_FILES)?;
    fix(Resource::Nproc, 0)?;
    fix(Resource::Memlock, 0)?;
    fix(Resource::Core, 0)?;
    // The first limit ends the child with a signal that tells why; the second would just kill it.
    let processor = Rlimit {
        current: Some(order.cpu_seconds),
        maximum: Some(order.cpu_seconds.saturating_add(2)),
    };
    Ok(setrlimit(Resource::Cpu, processor)?)
}

fn fix(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(value),
            maximum: Some(value),
        },
    )?)
}

/// The address space that the program takes before it has seen the document.
fn own_size() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<u64>().ok());
    kibibytes
        .and_then(|size| size.checked_mul(1024))
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
