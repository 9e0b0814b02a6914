//! The control: a canary that is planted in a sink, by that sink's own way, is found in that sink, however it is written.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use reqwest::Url;
use testkit::{BrokerUser, System, eventually};

use crate::driver::Driver;
use crate::operator::FILES;
use crate::scan::{Canary, Scanner};
use crate::sinks::{self, Sink};
use crate::written::{MISREAD, Way, all_ways, hex, percent};

/// Whether a sink can hold these bytes.
type Fits = fn(&[u8]) -> bool;

/// The sinks that have to be found out, by the beginnings of their names, and what can be in them.
const PLANTED: &[(&str, Fits)] = &[
    ("refusals", anything),
    ("printed", anything),
    ("arguments and environments", is_argument),
    ("statements of the database", is_text),
    ("spans", is_text),
    ("reported errors", anything),
    ("PostgreSQL's log", is_text),
    ("names of blobs", is_name),
    ("log: audit.log", is_text),
    ("log: planted", anything),
    ("RabbitMQ: ", anything),
    ("files being worked on: ", anything),
    ("files of the operator: ", anything),
    ("reports: ", anything),
    ("output of ", anything),
    ("table jobs", is_text),
    ("table idempotency_keys", anything),
    ("table outbox", anything),
    ("table grading_events", is_text),
    ("queue korrigo.pdf.finalize.dead", anything),
];

fn anything(_bytes: &[u8]) -> bool {
    true
}

fn is_argument(bytes: &[u8]) -> bool {
    !bytes.contains(&0)
}

fn is_name(bytes: &[u8]) -> bool {
    is_argument(bytes) && !bytes.contains(&b'/')
}

fn is_text(bytes: &[u8]) -> bool {
    is_argument(bytes) && std::str::from_utf8(bytes).is_ok()
}

/// A word for each way of writing, written so: what is found tells which ways are.
struct Seeds(Vec<Way>);

impl Seeds {
    fn new() -> (Self, Scanner) {
        let words: Vec<String> = (0..all_ways(&word(0)).len()).map(word).collect();
        let canaries: Vec<Canary> = words.iter().map(|word| ("planted", word.clone())).collect();
        let ways = words
            .iter()
            .enumerate()
            .map(|(number, word)| all_ways(word).swap_remove(number));
        (Self(ways.collect()), Scanner::of(&canaries))
    }

    /// Those that fit, in parts of at most a thousand bytes.
    fn parts(&self, fits: Fits) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for (_, way) in self.0.iter().filter(|(_, way)| fits(way)) {
            match parts.last_mut() {
                Some(part) if part.len() + way.len() < 1000 => part.extend([&b" "[..], way].concat()),
                Some(_) | None => parts.push(way.clone()),
            }
        }
        parts
    }

    fn all(&self, fits: Fits) -> Vec<u8> {
        self.parts(fits).join(&b' ')
    }

    fn texts(&self) -> Vec<String> {
        let parts = self.parts(is_text).into_iter();
        parts.map(|part| String::from_utf8(part).unwrap()).collect()
    }

    /// Those that should have been found.
    fn missing(&self, fits: Fits, found: &BTreeSet<usize>) -> Vec<String> {
        let ways = self.0.iter().enumerate();
        let missing = ways.filter(|(number, (_, way))| fits(way) && !found.contains(number));
        missing
            .map(|(_, (name, way))| format!("{name}: {}", String::from_utf8_lossy(way)))
            .collect()
    }
}

fn word(number: usize) -> String {
    let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
    // In the middle: what stands at an edge may share its sign of base64 with what is beside it.
    format!("Kanari{}{}éplanted", letter(number / 26), letter(number))
}

/// Plants a canary in every sink and says which sinks were not found out.
pub(crate) async fn overlooked(system: &mut System, driver: &mut Driver) -> Vec<String> {
    let (seeds, scanner) = Seeds::new();
    let clean: Vec<Sink> = sinks::all(system, &driver.passing).await;
    assert!(clean.iter().all(|sink| scanner.which(&sink.content).is_empty()));

    in_files(system, &seeds);
    in_tables(system, &seeds);
    in_passing(system, driver, &seeds).await;
    elsewhere(system, &seeds).await;
    strangers(system, (&seeds, &scanner)).await;

    let mut found: Vec<(String, BTreeSet<usize>)> = Vec::new();
    for sink in sinks::all(system, &driver.passing).await {
        found.push((sink.name, scanner.which(&sink.content)));
    }
    let mut overlooked = Vec::new();
    for (planted, fits) in PLANTED {
        let of_this = found.iter().filter(|(name, _)| name.starts_with(planted));
        let of_this = of_this.flat_map(|(_, found)| found.iter().copied()).collect();
        let missing = seeds.missing(*fits, &of_this);
        overlooked.extend(missing.iter().map(|way| format!("{planted}: {way}")));
    }
    let scraped = sinks::scrape(&fake_metrics(seeds.all(anything))).await;
    let missing = seeds.missing(anything, &scanner.which(&scraped));
    overlooked.extend(missing.iter().map(|way| format!("metrics: {way}")));
    clear(system);
    overlooked
}

fn in_files(system: &System, seeds: &Seeds) {
    let append = |path: &Path, line: &[u8]| {
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        file.write_all(&[line, b"\n"].concat()).unwrap();
    };
    let all = seeds.all(anything);
    let line = serde_json::json!({"message": seeds.texts().join(" ")});
    append(
        &system.logs().join("grading/audit.log"),
        line.to_string().as_bytes(),
    );
    append(&system.logs().join("grading/planted"), &all);
    append(&system.home().join("grading/output"), &all);
    append(&system.path(FILES).join("planted"), &all);
    let [names, reports, work] = planted_directories(system);
    for directory in [&names, &reports, &work] {
        fs::create_dir_all(directory).unwrap();
    }
    append(&reports.join("planted"), &all);
    append(&work.join("input.pdf"), &all);
    for (_, name) in seeds.0.iter().filter(|(_, way)| is_name(way)) {
        append(&names.join(OsStr::from_bytes(name)), b"");
    }
}

fn planted_directories(system: &System) -> [PathBuf; 3] {
    [
        system.blobs().join("planted"),
        system.blobs().join("reports/planted"),
        system.home().join("pdf-worker/work/job-0-planted"),
    ]
}

/// As who may write anything, and with the triggers off.
fn in_tables(system: &System, seeds: &Seeds) {
    let mut connection = PgConnection::establish(&system.database.superuser_url()).unwrap();
    let (digits, text) = (hex(&seeds.all(anything)), seeds.texts().join(" "));
    let jobs = seeds.texts().into_iter().enumerate().map(|(number, part)| {
        let job = format!("FROM grading.jobs ORDER BY id LIMIT 1 OFFSET {number}");
        format!(
            "INSERT INTO grading.planted SELECT id, request_id {job};
             UPDATE grading.jobs SET request_id = $planted${part}$planted$ WHERE id = (SELECT id {job});"
        )
    });
    connection
        .batch_execute(&format!(
            "BEGIN; SET LOCAL session_replication_role = replica;
             ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed;
             ALTER TABLE grading.jobs DROP CONSTRAINT jobs_request_id_form;
             CREATE TABLE grading.planted AS
                 SELECT id, request_id AS before FROM grading.jobs LIMIT 0;
             {}
             UPDATE grading.idempotency_keys SET answer = '\\x{digits}'
                 WHERE key = (SELECT key FROM grading.idempotency_keys LIMIT 1);
             UPDATE grading.outbox SET body = '\\x{digits}' WHERE id = (SELECT id FROM grading.outbox LIMIT 1);
             INSERT INTO grading.grading_events SELECT (jsonb_populate_record(NULL::grading.grading_events,
                 to_jsonb(e) || '{{\"seq\": 999999, \"action\": \"REOPEN\"}}'
                 || jsonb_build_object('id', gen_random_uuid(), 'operation_id', gen_random_uuid(),
                        'metadata', jsonb_build_object('by', $planted${text}$planted$)))).*
                 FROM (SELECT * FROM grading.grading_events LIMIT 1) AS e;
             COMMIT",
            jobs.collect::<String>()
        ))
        .unwrap();
    // The server quotes what it cannot read.
    let unreadable = format!("SELECT $planted${text}$planted$::integer");
    assert!(connection.batch_execute(&unreadable).is_err());
}

async fn in_passing(system: &System, driver: &mut Driver, seeds: &Seeds) {
    driver.passing.refusals.extend(seeds.all(anything));
    let planted = system.path(FILES).join("planted");
    let printed = Command::new("cat").arg(planted).output().unwrap();
    driver.passing.hear(&printed);
    let mut child = Command::new("sleep")
        .args(["60"])
        .env("PUPIL", OsString::from_vec(seeds.all(is_argument)))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    // A process has no arguments yet in the moment in which it begins.
    eventually("the child to begin", async || {
        match fs::read(format!("/proc/{}/environ", child.id())) {
            Ok(environment) if !environment.is_empty() => Ok(()),
            other => Err(other.is_ok()),
        }
    })
    .await;
    driver.passing.look_at_process(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    let mut connection = PgConnection::establish(&system.database.superuser_url()).unwrap();
    for part in seeds.texts() {
        connection.batch_execute(&format!("SELECT 1 -- {part}")).unwrap();
        driver.passing.look(system);
    }
    assert!(system.services().count() >= 3);
}

/// Where somebody else listens.
async fn elsewhere(system: &System, seeds: &Seeds) {
    let collector = system.collector.as_ref().unwrap();
    collector.tell(&seeds.texts().join(" ")).await;
    let receiver = system.receiver.as_ref().unwrap();
    receiver.tell(seeds.all(anything)).await;
    let queue = "korrigo.pdf.finalize.dead";
    system.broker.publish(queue, "planted", seeds.all(anything)).await;
}

/// Names that the broker does not know are in its log, which it writes when it has time. It takes UTF-8 for Windows-1252;
/// what somebody has taken so before is not looked for.
async fn strangers(system: &System, (seeds, scanner): (&Seeds, &Scanner)) {
    for part in seeds.texts() {
        let mut unknown: Url = system.broker.url(BrokerUser::Operator).parse().unwrap();
        unknown.set_username(&percent(part.as_bytes())).unwrap();
        unknown.set_password(Some("no password")).unwrap();
        let properties = lapin::ConnectionProperties::default();
        let refused = lapin::Connection::connect(unknown.as_str(), properties).await;
        assert!(refused.is_err());
    }
    eventually("the broker to write its log", async || {
        let log = fs::read(system.path("rabbitmq/log/rabbitmq.log")).unwrap();
        let mut missing = seeds.missing(is_text, &scanner.which(&log));
        missing.retain(|way| !way.starts_with(MISREAD));
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    })
    .await;
}

/// Somebody who answers a scrape with what no label may be.
fn fake_metrics(label: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let _length = stream.read(&mut asked).unwrap();
        let body = [&b"http_requests_total{path=\"/"[..], &label, b"\"} 1\n"].concat();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    });
    format!("http://{address}")
}

/// The books of the system are looked at when it ends.
fn clear(system: &System) {
    for directory in planted_directories(system) {
        fs::remove_dir_all(directory).unwrap();
    }
    fs::remove_file(system.logs().join("grading/planted")).unwrap();
    system.database.run(
        "BEGIN; SET LOCAL session_replication_role = replica;
         UPDATE grading.jobs SET request_id = before FROM grading.planted WHERE jobs.id = planted.id;
         DROP TABLE grading.planted;
         DELETE FROM grading.grading_events WHERE seq = 999999;
         COMMIT",
    );
}
