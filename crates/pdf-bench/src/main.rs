//! One run of the PDF engine: `korrigo-pdf-bench import|finalize|anonymous|split FILE PARAMETER [DIRECTORY]`.
//!
//! `suggest NAMES` finds whose copies they may be, for `make bench-ocr`.
//!
//! `make bench-pdf` starts it in turn with its peer and compares the lines of JSON that both print; `make
//! compare-pdf` has it leave its files in a directory and compares them with those of other engines. It measures
//! the engine alone: no sandbox, no blobs, no network.

mod finalize;
mod import;
mod run;
mod split;
mod suggest;

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, bail};
use filebuffer::FileBuffer;

use crate::finalize::Variant;
use crate::run::Shelf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, task, names] = arguments.as_slice()
        && task == "suggest"
    {
        return suggest::run(names);
    }
    let [_, task, file, parameter, shelf @ ..] = arguments.as_slice() else {
        bail!(
            "import FILE PAGES, finalize or anonymous FILE ANNOTATIONS, split FILE PAGES_PER_COPY, or suggest NAMES"
        );
    };
    let shelf = Shelf::new(shelf);
    let document = FileBuffer::open(file).context("reading the document")?;
    let annotations = || std::fs::read(parameter).context("reading the annotations");
    let started = Instant::now();
    let mut run = match task.as_str() {
        "import" => import::run(document, parameter.parse()?, &shelf)?,
        "finalize" => finalize::run(document, &annotations()?, Variant::Complete, &shelf)?,
        "anonymous" => finalize::run(document, &annotations()?, Variant::Anonymous, &shelf)?,
        "split" => split::run(document, parameter.parse()?, &shelf)?,
        _ => bail!("there is no such task"),
    };
    run.seconds = started.elapsed().as_secs_f64();
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&run)?)?;
    Ok(())
}
