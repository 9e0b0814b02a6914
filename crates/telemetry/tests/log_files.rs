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
