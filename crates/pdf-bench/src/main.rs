//! One measured run of the PDF engine: `korrigo-pdf-bench import|finalize|split FILE …`.
//!
//! `make bench-pdf` starts it in turn with its peer and compares the lines of JSON that both print. It measures the
//! engine alone: no sandbox, no blobs, no network.

mod finalize;
mod import;
mod run;
mod split;

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, bail};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, task, file, rest @ ..] = arguments.as_slice() else {
        bail!("what is to be measured, and on which file?");
    };
    let document = std::fs::read(file).context("reading the document")?;
    let started = Instant::now();
    let mut run = match (task.as_str(), rest) {
        ("import", [slots]) => import::run(document, slots.parse()?)?,
        ("finalize", [annotations, ..]) => finalize::run(document, &std::fs::read(annotations)?)?,
        ("split", [pages_per_copy]) => split::run(document, pages_per_copy.parse()?)?,
        _ => bail!("import FILE SLOTS, finalize FILE ANNOTATIONS [OUTPUT] or split FILE PAGES_PER_COPY"),
    };
    run.seconds = started.elapsed().as_secs_f64();
    if let ("finalize", [_, output]) = (task.as_str(), rest) {
        std::fs::write(output, &run.document).context("writing the document")?;
    }
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&run)?)?;
    Ok(())
}
