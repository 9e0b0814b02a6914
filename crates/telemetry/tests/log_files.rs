//! Log files as a process writes them: whole lines of many threads, over many files.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod logged;

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::Ids;
use logged::{files, finished, lines, lost, started};

#[tokio::test]
async fn no_line_of_many_threads_is_torn_or_lost_without_being_counted() {
    let directory = tempfile::tempdir().unwrap();
    let (telemetry, metrics) = started(directory.path());
    let (threads, each) = (8, 12_000);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let ids = Ids::time_ordered();
                for _ in 0..each {
                    finished(ids.next());
                }
            });
        }
    });
    // The end waits five seconds only, and what is not written by then is not counted.
    let begun = Instant::now();
    while u64::try_from(written(directory.path())).unwrap() + lost(&metrics) < threads * each {
        assert!(begun.elapsed() < Duration::from_mins(1), "lines are missing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    telemetry.shutdown().await;
    let lines = lines(directory.path());
    let written = lines.iter().filter(|line| line["event"] == "job.finished");
    let jobs: HashSet<String> = written.map(|line| line["job_id"].to_string()).collect();
    assert_eq!(
        u64::try_from(jobs.len()).unwrap() + lost(&metrics),
        threads * each
    );
    assert!(jobs.len() > 16_000, "{} lines", jobs.len());
    for file in files(directory.path()) {
        let metadata = fs::metadata(&file).unwrap();
        assert!(metadata.len() <= 10 * 1024 * 1024, "{}", file.display());
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

/// How many lines there are.
fn written(directory: &Path) -> usize {
    // One that gets another name meanwhile is read the next time.
    let texts = files(directory)
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap_or_default());
    texts.map(|text| text.matches('\n').count()).sum()
}
