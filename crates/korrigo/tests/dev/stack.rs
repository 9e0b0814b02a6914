//! From an empty directory to a page of a copy and the tour of the README, and what is left of it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use korrigo::stack::Process;
use rustix::process::Signal;

use crate::tour;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

fn up(directory: &Path, collector: &TcpListener) -> Child {
    let output = fs::File::create(directory.join("output")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_korrigo"));
    command
        .args(["dev", "up", "--directory"])
        .arg(directory.join("var"));
    command
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output);
    // Nobody waits for a checkpoint as long as an installation does.
    command.env("KORRIGO_AUDIT_CHECKPOINT_INTERVAL", "1s");
    let collector = collector.local_addr().unwrap();
    command.env("KORRIGO_OTLP_ENDPOINT", format!("http://{collector}"));
    command.spawn().unwrap()
}

/// The settings that `dev up` writes when everything runs.
fn settings(directory: &Path, child: &mut Child) -> HashMap<String, String> {
    let file = directory.join("var/dev.env");
    let text = until(|| {
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "{}",
            fs::read_to_string(directory.join("output")).unwrap()
        );
        fs::read_to_string(&file).ok()
    });
    let lines = text.lines().map(|line| line.split_once('=').unwrap());
    lines
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub(crate) fn until<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "it took too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn processes(settings: &HashMap<String, String>) -> Vec<Process> {
    let ids = settings.iter().filter(|(name, _)| name.ends_with("_PID"));
    let processes = ids.map(|(_, id)| Process::with_id(id.parse().unwrap()).unwrap());
    processes.collect()
}

fn end(child: &mut Child, signal: Signal) -> ExitStatus {
    Process::with_id(child.id()).unwrap().signal(signal);
    until(|| child.try_wait().unwrap())
}

/// The first page of the demo copy, as the administrator gets it.
fn page(settings: &HashMap<String, String>) -> Vec<u8> {
    get(
        settings,
        &format!("/copies/{}/pages/0", settings["KORRIGO_DEMO_COPY"]),
    )
}

/// How many copies of the exam office's exam are in each state.
fn states(settings: &HashMap<String, String>) -> BTreeMap<String, u64> {
    let progress = get(
        settings,
        &format!("/exams/{}/progress", settings["KORRIGO_DEMO_OFFICE"]),
    );
    let progress: serde_json::Value = serde_json::from_slice(&progress).unwrap();
    serde_json::from_value(progress.pointer("/all/by_status").unwrap().clone()).unwrap()
}

/// What the administrator gets.
fn get(settings: &HashMap<String, String>, path: &str) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (url, http) = (&settings["KORRIGO_URL"], reqwest::Client::new());
        let login = serde_json::json!({
            "login": settings["KORRIGO_ADMIN_LOGIN"],
            "password": settings["KORRIGO_ADMIN_PASSWORD"],
        });
        let session = http
            .post(format!("{url}/api/v1/session"))
            .json(&login)
            .send()
            .await
            .unwrap();
        let session: serde_json::Value = session.json().await.unwrap();
        let asked = http
            .get(format!("{url}/api/v1{path}"))
            .bearer_auth(session.get("token").unwrap().as_str().unwrap());
        let answer = asked.send().await.unwrap().error_for_status().unwrap();
        answer.bytes().await.unwrap().to_vec()
    })
}

#[test]
fn the_local_stack_starts_from_nothing_keeps_its_data_and_leaves_no_process_behind() {
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    let directory = tempfile::Builder::new().permissions(open).tempdir().unwrap();
    let directory = directory.path();

    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    collector.set_nonblocking(true).unwrap();

    let mut first = up(directory, &collector);
    let before = settings(directory, &mut first);
    let running = processes(&before);
    assert_eq!(running.len(), 6, "the stack, two servers and three services");
    let picture = page(&before);
    assert!(picture.starts_with(&[0xff, 0xd8]) || picture.starts_with(b"\x89PNG"));
    let shown = states(&before);
    assert_eq!(shown.values().sum::<u64>(), 40, "{shown:?}");
    for state in ["STAGING", "READY", "LOCKED", "GRADED", "GRADING_FAILED"] {
        assert!(shown[state] > 0, "{shown:?}");
    }

    tour::take(directory);
    // As the README says: traces go where the stack is told.
    until(|| collector.accept().ok());
    let second = Command::new(env!("CARGO_BIN_EXE_korrigo"))
        .args(["dev", "up", "--directory"])
        .arg(directory.join("var"))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("running here already"));

    assert!(end(&mut first, Signal::TERM).success());
    assert!(running.iter().all(|process| !process.is_running()));

    // As if the first had been broken off while it loaded: what is there stays, and nothing is made twice.
    fs::remove_file(directory.join("var/office-loaded")).unwrap();
    let mut again = up(directory, &collector);
    let after = settings(directory, &mut again);
    assert_eq!(before["KORRIGO_DEMO_COPY"], after["KORRIGO_DEMO_COPY"]);
    assert_eq!((page(&after), states(&after)), (picture, shown));
    let running = processes(&after);
    end(&mut again, Signal::KILL);
    until(|| running.iter().all(|process| !process.is_running()).then_some(()));

    let cleaned = Command::new(env!("CARGO_BIN_EXE_korrigo"))
        .args(["dev", "clean", "--directory"])
        .arg(directory.join("var"))
        .status();
    assert!(cleaned.unwrap().success());
    assert!(!directory.join("var").exists());
}
