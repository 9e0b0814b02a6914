//! The entry of the child.

use std::io::{self, Write};
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{confine, read, work};
use crate::sandbox::protocol::{Layer, Line, NOT_BECOME, Order, Task};

/// Runs as the child. Call it when the first argument is `child`, before anything else.
#[must_use]
pub fn main() -> ExitCode {
    let Some(order) = order() else {
        return ExitCode::FAILURE;
    };
    let reader = match order.task {
        Task::Read => std::env::args_os().nth(3).map(PathBuf::from),
        Task::Import { .. } | Task::Finalize | Task::Split { .. } | Task::Try(_) => None,
    };
    let Ok(confinement) = confine::confine(&order, reader.as_deref()) else {
        return ExitCode::FAILURE;
    };
    if say(&Line::Confined(confinement)).is_err() {
        return ExitCode::FAILURE;
    }
    if let Some(program) = reader {
        // Without Landlock it could run everything, and read everything that the worker can.
        return match confinement.files {
            Layer::Full | Layer::Partial => read::become_reader(&program),
            Layer::Absent => ExitCode::from(NOT_BECOME),
        };
    }
    // The panic hook would quote the document on the error output.
    std::panic::set_hook(Box::new(|_| {}));
    let last = catch_unwind(|| work::work(&order)).unwrap_or(Line::Panicked);
    match say(&last) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_cause) => ExitCode::FAILURE,
    }
}

fn order() -> Option<Order> {
    serde_json::from_str(&std::env::args().nth(2)?).ok()
}

/// Sends a line to the parent.
pub(super) fn say(line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()
}
