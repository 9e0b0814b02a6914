//! The control: a canary that is planted in a sink, by that sink's own way, is found in that sink.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use reqwest::Url;
use testkit::{System, eventually};

use crate::driver::Driver;
use crate::kinds::hex;
use crate::scan::Scanner;
use crate::sinks::{self, Sink};

/// What is planted.
const WORD: &str = "Kanariplanted";

/// The sinks that have to be found out, by the beginnings of their names.
const PLANTED: &[&str] = &[
    "refusals",
    "arguments and environments",
    "statements of the database",
    "spans",
    "PostgreSQL's log",
    "names of blobs",
    "log: ",
    "RabbitMQ: ",
    "files being worked on: ",
    "output of ",
    "table jobs",
    "table idempotency_keys",
    "table outbox",
    "table grading_events",
    "queue korrigo.pdf.finalize.dead",
];

/// Plants a canary in every sink and says which sinks were not found out.
pub(crate) async fn overlooked(system: &mut System, driver: &mut Driver) -> Vec<String> {
    let scanner = Scanner::of(&[("planted", WORD.to_owned())]);
    let clean: Vec<Sink> = sinks::all(system, &driver.passing).await;
    assert!(clean.iter().all(|sink| scanner.find(&sink.content).is_empty()));

    in_files(system);
    in_tables(system);
    in_passing(system, driver).await;
    let collector = system.collector.as_ref().unwrap();
    collector.tell(WORD).await;
    system
        .broker
        .publish("korrigo.pdf.finalize.dead", WORD, Vec::new())
        .await;
    let mut unknown: Url = system.broker.url().parse().unwrap();
    unknown.set_username(WORD).unwrap();
    unknown.set_password(Some("no password")).unwrap();
    let refused = lapin::Connection::connect(unknown.as_str(), lapin::ConnectionProperties::default()).await;
    assert!(refused.is_err());

    let found: Vec<String> = sinks::all(system, &driver.passing)
        .await
        .into_iter()
        .filter(|sink| !scanner.find(&sink.content).is_empty())
        .map(|sink| sink.name)
        .collect();
    let is_found = |planted: &&&str| found.iter().any(|name| name.starts_with(**planted));
    let mut overlooked: Vec<String> = PLANTED
        .iter()
        .filter(|planted| !is_found(planted))
        .map(|planted| (*planted).to_owned())
        .collect();
    if scanner.find(&sinks::scrape(&fake_metrics()).await).is_empty() {
        overlooked.push("metrics".to_owned());
    }
    clear(system);
    overlooked
}

fn in_files(system: &System) {
    let append = |path: &Path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        writeln!(file, "{{\"message\":\"{WORD}\"}}").unwrap();
    };
    append(&system.logs().join("grading/audit.log"));
    append(&system.home().join("grading/output"));
    fs::write(system.blobs().join(WORD), b"").unwrap();
    fs::create_dir(system.home().join("pdf-worker/work/job-0-planted")).unwrap();
    fs::write(
        system.home().join("pdf-worker/work/job-0-planted/input.pdf"),
        WORD,
    )
    .unwrap();
}

/// As who may write anything, and with the triggers off.
fn in_tables(system: &System) {
    let mut connection = PgConnection::establish(&system.database.superuser_url()).unwrap();
    let digits = hex(WORD.as_bytes());
    connection
        .batch_execute(&format!(
            "BEGIN; SET LOCAL session_replication_role = replica;
             ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed;
             CREATE TABLE grading.planted AS
                 SELECT 'jobs' AS sink, id, request_id AS before FROM grading.jobs ORDER BY id LIMIT 1;
             UPDATE grading.jobs SET request_id = '{WORD}' WHERE id = (SELECT id FROM grading.planted);
             UPDATE grading.idempotency_keys SET answer = '\\x{digits}'
                 WHERE key = (SELECT key FROM grading.idempotency_keys LIMIT 1);
             UPDATE grading.outbox SET body = '\\x{digits}' WHERE id = (SELECT id FROM grading.outbox LIMIT 1);
             INSERT INTO grading.grading_events SELECT (jsonb_populate_record(NULL::grading.grading_events,
                 to_jsonb(e) || '{{\"seq\": 999999, \"action\": \"REOPEN\"}}'
                 || jsonb_build_object('id', gen_random_uuid(), 'operation_id', gen_random_uuid(),
                        'metadata', jsonb_build_object('by', '{WORD}')))).*
                 FROM (SELECT * FROM grading.grading_events LIMIT 1) AS e;
             COMMIT"
        ))
        .unwrap();
    // The server quotes what it cannot read.
    assert!(
        connection
            .batch_execute(&format!("SELECT '{WORD}'::integer"))
            .is_err()
    );
}

async fn in_passing(system: &System, driver: &mut Driver) {
    driver.passing.refusals.extend(WORD.bytes());
    let mut child = Command::new("sleep")
        .args(["60"])
        .env("PUPIL", WORD)
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
    connection.batch_execute(&format!("SELECT 1 -- {WORD}")).unwrap();
    driver.passing.look(system);
    assert!(system.services().count() >= 3);
}

/// Somebody who answers a scrape with what no label may be.
fn fake_metrics() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1024];
        let _length = stream.read(&mut asked).unwrap();
        let body = format!("http_requests_total{{path=\"/{WORD}\"}} 1\n");
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
    });
    format!("http://{address}")
}

/// The books of the system are looked at when it ends.
fn clear(system: &System) {
    fs::remove_file(system.blobs().join(WORD)).unwrap();
    fs::remove_dir_all(system.home().join("pdf-worker/work/job-0-planted")).unwrap();
    system.database.run(
        "BEGIN; SET LOCAL session_replication_role = replica;
         UPDATE grading.jobs SET request_id = before FROM grading.planted WHERE jobs.id = planted.id;
         DROP TABLE grading.planted;
         DELETE FROM grading.grading_events WHERE seq = 999999;
         COMMIT",
    );
}
