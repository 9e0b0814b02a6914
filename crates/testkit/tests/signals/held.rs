//! What the processes hold open for writing.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use telemetry::inventory::HELD;
use testkit::{System, Upload, corpus, eventually, evidence};

/// The files that a process has open for writing, but for its streams, of which whoever started it says where they go;
/// `None` if only root may look.
fn written_by(process: u32) -> Option<Vec<PathBuf>> {
    let open = fs::read_dir(format!("/proc/{process}/fd"));
    if open
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    {
        return None;
    }
    let open = open.unwrap();
    let numbers = open
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|number| !matches!(number.as_str(), "0" | "1" | "2"));
    let held = numbers.filter_map(|number| {
        // What was closed meanwhile is not held.
        let file = fs::read_link(format!("/proc/{process}/fd/{number}")).ok()?;
        let about = fs::read_to_string(format!("/proc/{process}/fdinfo/{number}")).ok()?;
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let mode = u32::from_str_radix(flags.trim(), 8).unwrap() & 0o3;
        (mode != 0 && fs::metadata(&file).is_ok_and(|what| what.is_file())).then_some(file)
    });
    Some(held.collect())
}

#[tokio::test]
async fn what_a_service_holds_open_for_writing_is_in_the_table_of_sinks() {
    let system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::scan(1, 95), "an-upload-for-the-table");
    teacher.upload(upload).await.expect(202);
    system.settle().await;

    // What a service works on at the moment it holds as well, and lets go of: a checkpoint that is being written, say.
    let may_look = eventually(
        "the services to hold the logs and their locks, and nothing else",
        async || {
            let mut logs = 0;
            for service in system.services() {
                let Some(held) = written_by(service.pid()) else {
                    return Ok(false);
                };
                for file in held {
                    let name = file.file_name().and_then(|name| name.to_str()).unwrap();
                    let directory = file.parent().and_then(Path::parent);
                    if directory != Some(&system.logs()) || !HELD.iter().any(|held| held.fits(name)) {
                        return Err(format!("{} writes to {}", service.name(), file.display()));
                    }
                    logs += usize::from(file.extension().is_some_and(|end| end == "log"));
                }
            }
            // One of each service, and the audit log of grading.
            if logs == 4 {
                Ok(true)
            } else {
                Err(format!("{logs} logs"))
            }
        },
    )
    .await;
    if !may_look {
        // What a service holds is nobody's business but root's: it cannot be dumped or traced.
        assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0);
        evidence(format_args!("only root may look at what a service holds"));
    }
}
