//! The life of a process from outside: its listener, its signals, its exit code, its last words.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod idle;

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use idle::{command, output};
use serde_json::Value;
use tempfile::TempDir;

/// A process that runs.
struct Process {
    child: Option<Child>,
    directory: TempDir,
    url: String,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address_file = directory.path().join("admin");
        let child = command(arguments)
            .arg("--admin-address-file")
            .arg(&address_file)
            .env("KORRIGO_LOG_DIR", directory.path().join("logs"))
            .spawn()
            .unwrap();
        let address = eventually("the address file", || std::fs::read_to_string(&address_file).ok());
        let url = format!("http://{}", address.trim());
        Self {
            child: Some(child),
            directory,
            url,
        }
    }

    fn signal(&self) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.trim_start_matches("http://")).unwrap()
    }

    fn get(&self, path: &str) -> Option<(u16, String)> {
        self.ask(&reqwest::Client::new(), path)
    }

    /// As an orchestrator that gives up as early as Kubernetes does.
    fn probe(&self, path: &str) -> Option<(u16, String)> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(1));
        self.ask(&client.build().unwrap(), path)
    }

    fn ask(&self, client: &reqwest::Client, path: &str) -> Option<(u16, String)> {
        let url = format!("{}{path}", self.url);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let response = client.get(url).send().await.ok()?;
            Some((response.status().as_u16(), response.text().await.ok()?))
        })
    }

    /// Waits until `path` answers with `status`.
    fn wait_for(&self, path: &str, status: u16) -> String {
        eventually(path, || self.get(path).filter(|answer| answer.0 == status)).1
    }

    /// Waits for the end.
    fn output(&mut self) -> Output {
        self.child.take().unwrap().wait_with_output().unwrap()
    }

    /// Waits for the end: exit code, stderr, log file.
    fn end(mut self) -> (i32, String, String) {
        let output = self.output();
        let log = std::fs::read_to_string(self.directory.path().join("logs/korrigo.log")).unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stderr).unwrap(),
            log,
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn eventually<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The events of a log, which must be JSON to the last line.
fn events(log: &str) -> Vec<String> {
    log.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line.get("event").and_then(Value::as_str).unwrap().to_owned()
        })
        .collect()
}

#[test]
fn connections_that_say_nothing_or_not_all_of_it_keep_no_probe_from_being_answered() {
    const WITHOUT_ITS_BODY: &[u8] = b"PUT /log-level HTTP/1.1\r\nHost: admin\r\nContent-Length: 5\r\n\r\n";
    for said in [b"".as_slice(), WITHOUT_ITS_BODY] {
        let process = Process::start(&[]);
        let silent = (0..400).map(|_| {
            let mut connection = process.connect();
            connection.write_all(said).unwrap();
            connection
        });
        let silent: Vec<_> = silent.collect();
        assert_eq!(process.probe("/livez").map(|answer| answer.0), Some(200));
        drop(silent);
    }
}

#[test]
fn a_service_answers_its_probes_and_ends_cleanly_after_one_signal() {
    let process = Process::start(&["--drain-delay", "6s"]);
    let ready: Value = serde_json::from_str(&process.wait_for("/readyz", 200)).unwrap();
    assert_eq!(ready["status"], "degraded");
    assert_eq!(ready["checks"]["idling"], "ok");
    assert_eq!(ready["checks"]["company"], "degraded");
    process.wait_for("/livez", 200);
    process.wait_for("/startupz", 200);
    let metrics = process.wait_for("/metrics", 200);
    assert!(metrics.contains("service_ready{check=\"idling\"} 1"), "{metrics}");

    process.signal();
    let draining = process.wait_for("/readyz", 503);
    assert!(draining.contains("\"draining\""), "{draining}");
    assert_eq!(process.get("/livez").unwrap().0, 200);

    let (code, stderr, log) = process.end();
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(events(&stderr), events(&log));
    let events = events(&log);
    assert!(
        events.contains(&"service.readiness_changed".to_owned()),
        "{events:?}"
    );
    assert_eq!(events.first().map(String::as_str), Some("service.starting"));
    let last: Vec<&str> = events.iter().rev().take(3).rev().map(String::as_str).collect();
    assert_eq!(last, ["service.draining", "service.drained", "service.stopped"]);
}

#[test]
fn systemd_hears_that_a_service_has_started_is_alive_and_ends() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let hear = || {
        let mut words = [0; 64];
        let length = systemd.recv(&mut words).unwrap();
        String::from_utf8_lossy(words.get(..length).unwrap()).into_owned()
    };
    let process = Process::start(&["--notify-socket", path.to_str().unwrap()]);
    let mut heard = Vec::new();
    while !(heard.contains(&"READY=1".to_owned()) && heard.last().unwrap() == "WATCHDOG=1") {
        heard.push(hear());
    }
    process.wait_for("/startupz", 200);
    process.signal();
    while heard.last().unwrap() != "STOPPING=1" {
        heard.push(hear());
    }
    assert_eq!(process.end().0, 0);
    let once = |what: &str| heard.iter().filter(|word| *word == what).count();
    assert_eq!((once("READY=1"), once("STOPPING=1")), (1, 1), "{heard:?}");
}

#[test]
fn a_service_that_systemd_would_wait_for_in_vain_says_so_and_ends() {
    let process = Process::start(&["--notify-socket", "/nowhere/notify"]);
    let (code, _, log) = process.end();
    assert_eq!(code, 1);
    assert!(log.contains("\"error\":\"systemd cannot be told: "), "{log}");
}

#[test]
fn whoever_can_only_run_a_program_finds_out_whether_a_service_is_ready() {
    let process = Process::start(&["--drain-delay", "1h"]);
    process.wait_for("/readyz", 200);
    let address = process.url.trim_start_matches("http://");
    let probe = || output(&["--probe", "--admin-listen", address]);
    let ready = probe();
    assert_eq!(ready.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&ready.stdout).contains("\"idling\":\"ok\""));

    process.signal();
    process.wait_for("/readyz", 503);
    let leaving = probe();
    assert_eq!(leaving.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&leaving.stderr).contains("draining"));

    // A second signal cuts the pause short.
    process.signal();
    process.end();
    let nobody = output(&["--probe", "--admin-listen", "127.0.0.1:1"]);
    assert_eq!(nobody.status.code(), Some(1));
}

#[test]
fn a_service_that_shall_tell_nothing_tells_nothing_and_works() {
    let without = "--benchmark-without-telemetry";
    let refused = output(&[without, "--environment", "production"]);
    assert_eq!(refused.status.code(), Some(2));
    let mut process = Process::start(&[without]);
    assert_eq!(process.wait_for("/metrics", 200), "");
    process.wait_for("/readyz", 200);
    process.signal();
    let directory = process.directory.path().join("logs");
    let output = process.output();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty() && !directory.exists());
}

#[test]
fn a_process_that_crashes_would_leave_no_picture_of_its_memory() {
    let process = Process::start(&[]);
    let id = process.child.as_ref().unwrap().id();
    let limits = std::fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let values: Vec<&str> = core.unwrap().split_whitespace().skip(4).collect();
    assert_eq!(values, ["0", "0", "bytes"]);
}

#[test]
fn a_second_signal_stops_what_does_not_end() {
    let process = Process::start(&["--manner", "stubborn", "--drain-timeout", "1h"]);
    process.wait_for("/readyz", 200);
    process.signal();
    process.wait_for("/readyz", 503);
    process.signal();
    let (code, _, log) = process.end();
    assert_eq!(code, 1);
    assert!(events(&log).contains(&"service.hard_stop".to_owned()));
}

#[test]
fn the_drain_has_an_end() {
    let process = Process::start(&["--manner", "stubborn", "--drain-timeout", "50ms"]);
    process.wait_for("/readyz", 200);
    process.signal();
    let (code, _, log) = process.end();
    assert_eq!(code, 1);
    assert!(events(&log).contains(&"service.drain_timed_out".to_owned()));
}

#[test]
fn a_task_that_panics_ends_the_process_and_its_words_are_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "hunter22\n").unwrap();
    let process = Process::start(&[
        "--manner",
        "panicking",
        "--idle-secret-file",
        secret.to_str().unwrap(),
    ]);
    let (code, stderr, log) = process.end();
    assert_eq!(code, 1);
    let events = events(&log);
    for event in ["process.panicked", "service.task_panicked", "service.stopped"] {
        assert!(events.contains(&event.to_owned()), "{event} in {events:?}");
    }
    for text in [&stderr, &log] {
        assert!(!text.contains("canary") && !text.contains("hunter22"), "{text}");
    }
}

#[test]
fn a_task_that_ends_too_early_ends_the_process_and_is_named() {
    let process = Process::start(&["--manner", "short"]);
    let (code, _, log) = process.end();
    assert_eq!(code, 1);
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let ended: Vec<Value> = lines
        .filter(|line: &Value| line["event"] == "service.task_ended")
        .collect();
    assert_eq!(ended.len(), 1, "{log}");
    assert_eq!(
        (&ended[0]["level"], &ended[0]["task"]),
        (&"CRITICAL".into(), &"idle".into())
    );
}

#[test]
fn a_service_that_cannot_be_built_fails_with_the_chain_of_what_happened() {
    let process = Process::start(&["--manner", "broken"]);
    let (code, stderr, log) = process.end();
    assert_eq!(code, 1);
    assert!(
        log.contains("\"error\":\"the example is broken: io::Other\""),
        "{log}"
    );
    assert!(!log.contains("canary") && !stderr.contains("canary"), "{stderr}");
}

#[test]
fn a_mistake_in_the_configuration_is_one_line_and_exit_code_2() {
    let begun = Instant::now();
    for (arguments, line) in [
        (
            ["--drain-timeout", "hunter22"],
            "korrigo-korrigo: --drain-timeout (KORRIGO_DRAIN_TIMEOUT): expected a number with a unit: 250ms, 5s, 2m, 1h\n",
        ),
        (
            ["--frobnicate", "hunter22"],
            "korrigo-korrigo: --frobnicate: is not a setting\n",
        ),
        (
            ["--idle-secret", "hunter22"],
            "korrigo-korrigo: --idle-secret: is a secret and must come from its variable or from a file, not from the command line\n",
        ),
        (
            ["--log-dir", "/dev/null/hunter22"],
            "korrigo-korrigo: --log-dir (KORRIGO_LOG_DIR): cannot be written\n",
        ),
    ] {
        let output = output(&arguments);
        assert_eq!(String::from_utf8_lossy(&output.stderr), line);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_good_configuration_is_called_good_without_starting_anything() {
    let output = output(&["--check-config", "--admin-listen", "127.0.0.1:1"]);
    assert_eq!(
        (output.status.code(), output.stdout.as_slice()),
        (Some(0), b"OK\n".as_slice())
    );
    assert!(output.stderr.is_empty());
}

/// A process with the admin token `open-sesame`.
fn guarded() -> Process {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "open-sesame").unwrap();
    let process = Process::start(&["--admin-token-file", token.to_str().unwrap()]);
    process.wait_for("/livez", 200);
    process
}

#[test]
fn the_log_level_changes_while_the_process_runs_for_whoever_has_the_token() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let put = |process: &Process, token: &str, level: &'static str| {
        let url = format!("{}/log-level", process.url);
        let request = reqwest::Client::new().put(url).bearer_auth(token).body(level);
        runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
    };
    let process = guarded();
    assert_eq!(put(&process, "open-sesam", "debug"), 401);
    assert_eq!(put(&process, "open-sesame", "verbose"), 422);
    assert_eq!(
        put(&process, "open-sesame", "debug, and much more than that"),
        413
    );
    assert_eq!(put(&process, "open-sesame", "critical"), 204);
    process.signal();
    let (code, _, log) = process.end();
    assert_eq!(code, 0);
    assert_eq!(
        events(&log).last().map(String::as_str),
        Some("log.level_changed"),
        "{log}"
    );

    let open = Process::start(&[]);
    open.wait_for("/livez", 200);
    assert_eq!(put(&open, "", "debug"), 403, "nobody may where there is no token");
}

#[test]
fn a_token_guards_the_metrics_if_it_is_set() {
    let process = guarded();
    assert_eq!(process.get("/metrics").unwrap().0, 401);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let status = |token: &str| {
        let request = reqwest::Client::new()
            .get(format!("{}/metrics", process.url))
            .bearer_auth(token);
        runtime.block_on(async { request.send().await.unwrap().status().as_u16() })
    };
    assert_eq!((status("open-sesame"), status("open-sesam")), (200, 401));
}
