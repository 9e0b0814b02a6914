//! The PDF worker, and the child that it runs for every document.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == "child") {
        return pdf_worker::child::main();
    }
    service::run(service::Name::PdfWorker, pdf_worker::build)
}
