//! The job of the child: the pages of a document as images, or a corrected document.

use std::fs;

use domain::FailureCode;
use filebuffer::FileBuffer;
use pdf::{Document, Limits, Rendering, Source};
use rustix::fs::{FallocateFlags, fallocate};

use super::main::say;
use super::{finalize, import, split, trial};
use crate::sandbox::protocol::{Line, Order, Task, source_name};

/// Does what was ordered and returns the last line.
pub(super) fn work(order: &Order) -> Line {
    let outcome = match order.task {
        Task::Import { zone } => import::pages(order, zone.map(Into::into)),
        Task::Finalize => finalize::documents(order),
        Task::Split {
            pages_per_copy,
            layout,
        } => split::booklets(order, pages_per_copy, layout),
        Task::Try(trial) => Ok(trial::attempt(trial)),
        // Whoever reads is another program by now.
        Task::Read => Err(FailureCode::Unknown),
    };
    outcome.unwrap_or_else(|code| Line::Failed {
        code: code.to_string(),
    })
}

/// Opens the document.
pub(super) fn open(order: &Order) -> Result<Source, FailureCode> {
    open_source(order, 0)
}

/// Opens one of the documents. The file is mapped, not read: most of a scan is never looked at, only written again. Nobody
/// changes the file meanwhile: the worker wrote it before this process began, in a directory that only they can enter.
pub(super) fn open_source(order: &Order, index: usize) -> Result<Source, FailureCode> {
    let limits = Limits {
        max_pages: order.max_pages,
        max_pixels_per_page: order.max_pixels_per_page,
        max_decoded_bytes: order.max_decoded_bytes,
    };
    let document = FileBuffer::open(source_name(index)).map_err(|_cause| FailureCode::Unknown)?;
    Source::open(document, limits).map_err(pdf::Error::failure_code)
}

/// How images are to come out.
pub(super) fn rendering(order: &Order) -> Rendering {
    Rendering {
        dpi: order.dpi,
        max_display_pixels: order.max_display_pixels,
        max_passed_on_bytes: order.max_passed_on_bytes,
        thumbnail_px: order.thumbnail_px,
    }
}

pub(super) fn tell(line: &Line) -> Result<(), FailureCode> {
    say(line).map_err(|_cause| FailureCode::Unknown)
}

pub(super) fn write(name: &str, bytes: &[u8]) -> Result<(), FailureCode> {
    fs::write(name, bytes).map_err(|_cause| FailureCode::Unknown)
}

pub(super) fn write_document(name: &str, document: &Document<'_>) -> Result<(), FailureCode> {
    let written = fs::File::create(name).and_then(|mut file| {
        let size = u64::try_from(document.size()).unwrap_or_default();
        // A file whose size is known beforehand is written in less time. Where that cannot be, it grows as it is written.
        let _ = fallocate(&file, FallocateFlags::empty(), 0, size);
        document.write(&mut file)
    });
    written.map_err(|_cause| FailureCode::Unknown)
}
