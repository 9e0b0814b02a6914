//! Every place that what a caller says could end in, and what is in it now.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use broker::Topology;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use testkit::{System, children};

use crate::operator::{BACKUPS, FILES};
pub(crate) use crate::searched::is_allowed;
use crate::searched::{CONTENT, family};

/// A place with what is in it.
pub(crate) struct Sink {
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
}

/// What is only there for a moment, gathered on the way.
#[derive(Default)]
pub(crate) struct Passing {
    /// What callers were told who were refused.
    pub(crate) refusals: Vec<u8>,
    /// Arguments and environments of every process seen.
    pub(crate) processes: BTreeSet<Vec<u8>>,
    /// Statements of the database's sessions.
    pub(crate) statements: BTreeSet<String>,
    /// What operators' commands printed.
    pub(crate) printed: Vec<u8>,
}

impl Passing {
    /// Looks at the processes of the system and at what the database does right now.
    pub(crate) fn look(&mut self, system: &System) {
        for service in system.services() {
            self.look_at_process(service.pid());
        }
        // A database that is away shows nothing.
        let statements = try_rows(system, "SELECT DISTINCT query AS text FROM pg_stat_activity");
        self.statements.extend(statements.unwrap_or_default());
    }

    /// Keeps what a command printed.
    pub(crate) fn hear(&mut self, output: &Output) {
        self.printed.extend([&output.stdout[..], &output.stderr].concat());
    }

    /// Looks at a process and at those that it started.
    pub(crate) fn look_at_process(&mut self, process: u32) {
        let directory = PathBuf::from(format!("/proc/{process}"));
        // A process that has just ended has nothing to show.
        for file in ["cmdline", "environ"] {
            self.processes.extend(fs::read(directory.join(file)).ok());
        }
        for child in children(process) {
            self.look_at_process(child);
        }
    }
}

/// Everything, after the system has come to rest.
pub(crate) async fn all(system: &System, passing: &Passing) -> Vec<Sink> {
    let mut sinks = vec![
        sink("refusals", passing.refusals.clone()),
        sink("arguments and environments", join(&passing.processes)),
        sink("statements of the database", join(&passing.statements)),
        sink("printed", passing.printed.clone()),
        sink("reported errors", system.receiver.as_ref().unwrap().raw()),
        sink("spans", system.collector.as_ref().unwrap().raw()),
        sink("PostgreSQL's log", read(&system.postgres.as_ref().unwrap().log())),
        sink("names of blobs", names(&system.blobs())),
    ];
    for service in system.services() {
        let metrics = scrape(&service.admin()).await;
        sinks.push(sink(&format!("metrics of {}", service.name()), metrics));
    }
    let home = system.home();
    for (name, directory) in [
        ("log", system.logs()),
        ("RabbitMQ", home.join("rabbitmq")),
        ("files being worked on", home.join("pdf-worker/work")),
        ("reports", system.blobs().join("reports")),
    ] {
        sinks.extend(files(name, &directory));
    }
    let written = files("files of the operator", &system.path(FILES)).into_iter();
    // A backup has of the database and of the blobs what they have.
    sinks.extend(written.filter(|sink| !is_backed_up(&sink.content)));
    for service in system.services() {
        let output = home.join(service.name()).join("output");
        sinks.push(sink(&format!("output of {}", service.name()), read(&output)));
    }
    sinks.extend(tables(system));
    sinks.extend(queues(system).await);
    for sink in &sinks {
        assert!(
            family(&sink.name).is_some(),
            "{} is not in the list of sinks",
            sink.name
        );
    }
    sinks
}

/// What Prometheus would get there.
pub(crate) async fn scrape(address: &str) -> Vec<u8> {
    let answer = reqwest::get(format!("{address}/metrics")).await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

/// The rows of every table.
fn tables(system: &System) -> Vec<Sink> {
    let query =
        "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'grading'";
    let tables = rows(system, query);
    assert!(
        CONTENT
            .iter()
            .all(|(name, _)| tables.iter().any(|table| table == name))
    );
    let content = |table: &String| {
        let rows = rows(
            system,
            &format!("SELECT row_to_json(t)::text AS text FROM grading.{table} AS t"),
        );
        sink(&format!("table {table}"), unescaped(&rows.join("\n")))
    };
    tables.iter().map(content).collect()
}

/// With the bytes of binary columns beside their digits.
fn unescaped(rows: &str) -> Vec<u8> {
    let mut content = rows.as_bytes().to_vec();
    for digits in rows.split("\\\\x").skip(1) {
        let digits = digits.split('"').next().unwrap();
        let bytes = (0..digits.len() / 2)
            .filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok());
        content.push(b'\n');
        content.extend(bytes);
    }
    content
}

/// Every message that waits, taken out.
async fn queues(system: &System) -> Vec<Sink> {
    let mut sinks = Vec::new();
    for queue in Topology::korrigo().queues {
        for name in [queue.name, queue.dead] {
            let mut content = Vec::new();
            while let Some(message) = system.broker.take(name).await {
                content.extend_from_slice(&message.data);
                content.extend(format!("{:?}\n", message.properties).into_bytes());
            }
            sinks.push(sink(&format!("queue {name}"), content));
        }
    }
    sinks
}

/// Whether a file, which begins with its name, is what a backup is of.
fn is_backed_up(file: &[u8]) -> bool {
    let name = file.split(|byte| *byte == b'\n').next().unwrap();
    let name = String::from_utf8_lossy(name);
    BACKUPS.iter().any(|backup| {
        let inside = |file: &str| format!("{FILES}/{backup}/{file}");
        name.contains(&inside("blobs/")) || name.ends_with(&inside("database.dump"))
    })
}

/// The names of all files below a directory.
fn names(directory: &Path) -> Vec<u8> {
    let mut names = Vec::new();
    for path in entries(directory) {
        names.extend([path.as_os_str().as_bytes(), b"\n"].concat());
        if path.is_dir() {
            names.extend(self::names(&path));
        }
    }
    names
}

/// Every file below a directory, with its name.
pub(crate) fn files(what: &str, directory: &Path) -> Vec<Sink> {
    let mut sinks = Vec::new();
    for path in entries(directory) {
        if path.is_dir() {
            sinks.extend(files(what, &path));
        } else {
            let content = [path.as_os_str().as_bytes(), b"\n", &read(&path)].concat();
            let name = path.file_name().unwrap().to_string_lossy();
            sinks.push(sink(&format!("{what}: {name}"), content));
        }
    }
    sinks
}

fn sink(name: &str, content: Vec<u8>) -> Sink {
    Sink {
        name: name.to_owned(),
        content,
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn read(path: &Path) -> Vec<u8> {
    // What is rotated or removed in this moment is looked at under its new name, or not there any more.
    fs::read(path).unwrap_or_default()
}

fn join<T: AsRef<[u8]>>(parts: &BTreeSet<T>) -> Vec<u8> {
    let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
    parts.join(&b'\n')
}

/// A column of text, asked as the superuser.
fn rows(system: &System, query: &str) -> Vec<String> {
    try_rows(system, query).unwrap()
}

fn try_rows(system: &System, query: &str) -> Option<Vec<String>> {
    let mut connection = PgConnection::establish(&system.database.superuser_url()).ok()?;
    let found: Vec<Row> = sql_query(query).load(&mut connection).ok()?;
    Some(found.into_iter().map(|row| row.text).collect())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}
