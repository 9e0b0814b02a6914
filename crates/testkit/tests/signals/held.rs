//! What the processes hold open for writing.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use telemetry::inventory::HELD;
use testkit::{System, Upload, corpus, evidence};

/// The files that a process has open for writing, by the numbers that it knows them by; `None` if only root may look.
fn written_by(process: u32) -> Option<Vec<(String, PathBuf)>> {
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
        .map(|entry| entry.file_name().into_string().unwrap());
    let held = numbers.filter_map(|number| {
        // What was closed meanwhile is not held.
        let file = fs::read_link(format!("/proc/{process}/fd/{number}")).ok()?;
        let about = fs::read_to_string(format!("/proc/{process}/fdinfo/{number}")).ok()?;
        let flags = about.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let mode = u32::from_str_radix(flags.trim(), 8).unwrap() & 0o3;
        (mode != 0 && fs::metadata(&file).is_ok_and(|what| what.is_file())).then_some((number, file))
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

    let mut logs = 0;
    for service in system.services() {
        let Some(held) = written_by(service.pid()) else {
            // What a service holds is nobody's business but root's: it cannot be dumped or traced.
            assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0);
            evidence(format_args!("only root may look at what a service holds"));
            return;
        };
        for (number, file) in held {
            // Where its streams go is for whoever started it to say.
            if matches!(number.as_str(), "0" | "1" | "2") {
                continue;
            }
            let name = file.file_name().and_then(|name| name.to_str()).unwrap();
            let directory = file.parent().and_then(Path::parent);
            let is_known = HELD.iter().any(|held| held.fits(name));
            assert!(
                is_known && directory == Some(&system.logs()),
                "{} writes to {}",
                service.name(),
                file.display()
            );
            logs += usize::from(file.extension().is_some_and(|end| end == "log"));
        }
    }
    // One of each service, and the audit log of grading.
    assert_eq!(logs, 4);
}
