//! The whole system in one test: the three services as the processes they are, with a database and a virtual
//! host of their own, on free ports.
//!
//! [`System::settle`] waits until nothing is left to do. When a [`System`] is dropped it is asked for its
//! books: the outbox is drained, no message is dead, no lease is held, every change of a copy has its event
//! and every chain verifies. A test that leaves something behind on purpose says so beforehand.

#![expect(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "for tests only: what cannot go on panics, and often only the doing matters"
)]

mod address;
mod books;
mod builder;
mod client;
mod collector;
mod logs;
mod people;
mod receiver;
mod service;
mod wires;

pub use builder::Builder;
pub use client::{Answer, Client, Upload};
pub use collector::{Collector, Span};
pub use receiver::Receiver;
pub use service::{Service, Version};
pub use wires::Wires;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use diesel::{PgConnection, RunQueryDsl as _, sql_query};
use domain::{Layout, Role};
use korrigo::stack::{BrokerUser, Postgres, RabbitMq};
use reqwest::Method;
use tempfile::TempDir;

use crate::certificates::{Certificates, url_of_grading};
use crate::commands::alone;
use crate::environment::{postgres_tools, program};
use crate::eventually::eventually;
use crate::proxy::Proxy;
use crate::{TestBroker, TestDatabase};
use people::{People, Person};

/// A running system.
pub struct System {
    /// Its gateways.
    pub gateways: Vec<Service>,
    /// Its grading service.
    pub grading: Service,
    /// Grading services beside it, if asked for.
    pub further_gradings: Vec<Service>,
    /// Its workers.
    pub workers: Vec<Service>,
    /// Its database.
    pub database: TestDatabase,
    /// Its virtual host.
    pub broker: TestBroker,
    /// Before all grading services. Who calls them goes through it if there are several.
    pub front: Proxy,
    /// Between the workers and the grading service, if asked for.
    pub proxy: Option<Proxy>,
    /// Before its servers, if asked for.
    pub wires: Option<Wires>,
    /// Where its spans go, if asked for.
    pub collector: Option<Collector>,
    /// Where its errors are reported, if asked for.
    pub receiver: Option<Receiver>,
    /// What its services show each other, if asked for. Operators' commands show it too.
    pub certificates: Option<Certificates>,
    /// Its own database server, if asked for.
    pub postgres: Option<Postgres>,
    /// Its own broker, if asked for.
    pub rabbitmq: Option<RabbitMq>,
    people: People,
    expected: Expected,
    home: TempDir,
}

/// Somebody whom a test added, logged in.
pub struct Newcomer {
    /// Their id.
    pub id: String,
    /// Their client.
    pub client: Client,
}

/// What a test leaves behind on purpose.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    dead_letters: u32,
    unfinished: bool,
}

impl System {
    /// A system with one process of each kind.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A system with other than the usual parts.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client that is logged in as the administrator.
    pub async fn admin(&self) -> Client {
        self.client().log_in(&self.people.admin).await
    }

    /// A client that is logged in as the teacher.
    pub async fn teacher(&self) -> Client {
        self.client().log_in(&self.people.teacher).await
    }

    /// A client that is logged in as a teacher who corrects nothing.
    pub async fn stranger(&self) -> Client {
        self.client().log_in(&self.people.stranger).await
    }

    /// So many more people of a role, logged in.
    pub async fn newcomers(&self, role: Role, count: usize) -> Vec<Newcomer> {
        let mut newcomers = Vec::new();
        for _ in 0..count {
            let person = Person::join(&self.database, role);
            let client = self.client().log_in(&person).await;
            let id = person.id.to_string();
            newcomers.push(Newcomer { id, client });
        }
        newcomers
    }

    /// A client of the first gateway that is not logged in.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::of(self.gateway())
    }

    /// The id of the teacher.
    #[must_use]
    pub fn teacher_id(&self) -> String {
        self.people.teacher.id.to_string()
    }

    /// An exam that the teacher corrects.
    pub async fn exam(&self) -> String {
        self.exam_of(&[self.teacher_id()]).await
    }

    /// An exam that the teacher corrects, with so many pages per copy, on this paper.
    pub async fn exam_on(&self, pages_per_copy: u16, layout: Layout) -> String {
        let exam = self.exam().await;
        let change = serde_json::json!({"pages_per_copy": pages_per_copy, "layout": layout});
        let admin = self.admin().await;
        let request = admin.request(Method::PATCH, &format!("/exams/{exam}"));
        Client::send(request.header("If-Match", "\"0\"").json(&change))
            .await
            .expect(200);
        exam
    }

    /// An exam that these people correct.
    pub async fn exam_of(&self, correctors: &[String]) -> String {
        let body = serde_json::json!({
            "name": "Philosophie, épreuve blanche",
            "date": "2026-06-15",
            "correctors": correctors,
        });
        let answer = self.admin().await.post("/exams", &body).await;
        answer.expect(201).text("/id")
    }

    /// The first gateway.
    #[must_use]
    pub fn gateway(&self) -> &Service {
        self.gateways.first().unwrap_or(&self.grading)
    }

    /// The first worker.
    pub fn worker(&mut self) -> &mut Service {
        self.workers.first_mut().unwrap_or(&mut self.grading)
    }

    /// Its processes.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        let gradings = [&self.grading].into_iter().chain(&self.further_gradings);
        self.gateways.iter().chain(gradings).chain(&self.workers)
    }

    /// Waits until nothing is left to do: every job has ended and every message is sent.
    pub async fn settle(&self) {
        eventually("the system to settle", async || match self.open_work() {
            Ok(0) => Ok(()),
            open => Err(open),
        })
        .await;
    }

    /// The same, and the pauses before attempts and messages are over at once.
    pub async fn settle_in_a_hurry(&self) {
        eventually("the system to settle", async || {
            self.database.hurry();
            match self.open_work() {
                Ok(0) => Ok(()),
                open => Err(open),
            }
        })
        .await;
    }

    /// Waits until every message is with the broker.
    pub async fn announced(&self) {
        let unsent = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL";
        eventually("the messages to be sent", async || match self.count(unsent) {
            0 => Ok(()),
            waiting => Err(waiting),
        })
        .await;
    }

    /// Says that the test leaves this many dead letters.
    pub fn expect_dead_letters(&mut self, count: u32) {
        self.expected.dead_letters = count;
    }

    /// Says that the test leaves jobs that have not ended.
    pub fn expect_unfinished_work(&mut self) {
        self.expected.unfinished = true;
    }

    /// The directory that everything of the system is in.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the services log to, one directory per process.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.home.path().join("logs")
    }

    /// What the processes wrote to their standard error streams, by name.
    #[must_use]
    pub fn outputs(&self) -> Vec<(String, String)> {
        self.services()
            .map(|service| (service.name().to_owned(), service.output()))
            .collect()
    }

    /// Every log line of every process so far.
    #[must_use]
    pub fn log_lines(&self) -> Vec<serde_json::Value> {
        logs::lines(&self.logs())
    }

    /// The first line of this event, once it is written.
    pub async fn logged(&self, event: &str) -> serde_json::Value {
        self.logged_with(event, &[]).await
    }

    /// The first line of this event with these fields, once it is written.
    pub async fn logged_with(&self, event: &str, fields: &[(&str, &str)]) -> serde_json::Value {
        let wanted = |line: &serde_json::Value| {
            let mut fields = fields.iter();
            fields.all(|(field, value)| line.get(field).is_some_and(|said| said == value))
        };
        eventually(event, async || {
            let mut lines = logs::lines_of(&self.logs(), event).into_iter();
            lines.find(wanted).ok_or("no such line")
        })
        .await
    }

    /// The file of signed checkpoints.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.home.path().join("checkpoints")
    }

    /// The file of the key that signs them. The public one is beside it.
    #[must_use]
    pub fn audit_key(&self) -> PathBuf {
        self.home.path().join("audit-key")
    }

    /// Runs an operator's command, in the directory of the system.
    pub fn operate(&self, arguments: &[&str]) -> std::process::Output {
        self.operate_with(&[], arguments)
    }

    /// The same, with settings beside those of the seat.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn operate_with(&self, settings: &[(&str, String)], arguments: &[&str]) -> std::process::Output {
        let mut command = alone(program("korrigo"), arguments);
        command.current_dir(self.home.path()).envs(self.seat());
        let settings = settings.iter().map(|(name, value)| (name, value));
        command.envs(settings).output().expect("the command runs")
    }

    /// What operators' commands need of the system, as variables. The administrator sits there.
    pub fn seat(&self) -> Vec<(String, OsString)> {
        let own: [(&str, OsString); 10] = [
            ("KORRIGO_OPERATOR", self.admin_login().into()),
            ("KORRIGO_DATABASE_URL", self.database.app_url().into()),
            ("KORRIGO_MIGRATE_URL", self.database.owner_url().into()),
            ("KORRIGO_BLOBS_DIR", self.blobs().into()),
            ("KORRIGO_AMQP_URL", self.broker.url(BrokerUser::Operator).into()),
            ("KORRIGO_GRADING_URL", self.called().into()),
            ("KORRIGO_SERVICE_TOKEN", builder::SERVICE_TOKEN.into()),
            // A machine that runs tests is busy, and what is slow there is no fault.
            ("KORRIGO_LOOK_WITHIN", "20s".into()),
            ("KORRIGO_AUDIT_CHECKPOINTS", self.checkpoints().into()),
            (
                "KORRIGO_AUDIT_PUBLIC_KEY",
                self.audit_key().with_extension("pub").into(),
            ),
        ];
        let made = self.database.bootstrap_settings();
        let made = made.into_iter().map(|(name, value)| (name, value.into()));
        let shown = self.certificates.as_ref();
        let shown = shown.map(|certificates| certificates.settings("korrigo-operator"));
        let shown = shown.into_iter().flatten();
        let shown = shown.map(|(name, value)| (name, value.into()));
        let own = own.into_iter().chain(made).chain(shown);
        own.map(|(name, value): (&str, OsString)| (name.to_owned(), value))
            .chain(postgres_tools())
            .collect()
    }

    /// Where one service of each kind says how it is. Who is started again may say it elsewhere.
    pub fn admin_urls(&self) -> String {
        let gateway = self.gateways.first().map(Service::admin);
        let worker = self.workers.first().map(Service::admin);
        let asked = [
            ("gateway", gateway),
            ("grading", Some(self.grading.admin())),
            ("worker", worker),
        ];
        let asked = asked
            .into_iter()
            .filter_map(|(kind, url)| Some(format!("{kind}={}", url?)));
        asked.collect::<Vec<_>>().join(",")
    }

    /// How grading is called.
    fn called(&self) -> String {
        url_of_grading(self.certificates.as_ref(), self.grading.socket())
    }

    /// Waits until a job is given up, and has the pauses between attempts be over at once.
    pub async fn given_up(&self, job: &str) {
        let given_up = format!("SELECT count(*) FROM grading.jobs WHERE id = '{job}' AND state = 'FAILED'");
        eventually("the job to be given up", async || {
            self.database.hurry();
            match self.count(&given_up) {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
    }

    /// Waits until a checkpoint vouches for every event.
    pub async fn vouched(&self) {
        eventually("a checkpoint of all events", async || {
            let events = self
                .count("SELECT count(*) FROM grading.grading_events")
                .to_string();
            let notes = std::fs::read_to_string(self.checkpoints()).unwrap_or_default();
            let sizes = notes.split("\n\n").filter_map(|part| part.lines().nth(1));
            match sizes.last() {
                Some(size) if size == events => Ok(()),
                last => Err((last.map(str::to_owned), events)),
            }
        })
        .await;
    }

    /// The login of the administrator.
    #[must_use]
    pub fn admin_login(&self) -> &str {
        &self.people.admin.login
    }

    /// The login of the teacher.
    #[must_use]
    pub fn teacher_login(&self) -> &str {
        &self.people.teacher.login
    }

    /// A path in the directory of the system.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Where the blobs are.
    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.home.path().join("blobs")
    }

    /// The names of all blobs.
    #[must_use]
    pub fn blob_names(&self) -> Vec<String> {
        let mut names = self.blob_files();
        names.retain(|name| name.parse::<domain::Digest>().is_ok());
        names
    }

    /// The names of all files where blobs are, also of those that are on their way, or with which it is tried whether there is room.
    #[must_use]
    pub fn blob_files(&self) -> Vec<String> {
        let files = logs::files_below(&self.blobs());
        files.iter().filter_map(|path| name(path)).collect()
    }

    /// Where the blob of this name is, if it is there.
    #[must_use]
    pub fn blob(&self, digest: &str) -> Option<PathBuf> {
        let mut files = logs::files_below(&self.blobs()).into_iter();
        files.find(|path| name(path).as_deref() == Some(digest))
    }

    /// The number that an SQL query gives, asked as the superuser.
    pub fn count(&self, query: &str) -> i64 {
        self.database.count(query)
    }

    fn open_work(&self) -> Result<i64, &'static str> {
        let mut connection = connect(&self.database.superuser_url()).ok_or("no connection")?;
        let query = "SELECT (SELECT count(*) FROM grading.jobs WHERE state IN ('QUEUED', 'RUNNING'))
                          + (SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL) AS count";
        let counted: Result<Counted, _> = sql_query(query).get_result(&mut connection);
        counted
            .map(|counted| counted.count)
            .map_err(|_database_away| "no answer")
    }
}

impl Drop for System {
    fn drop(&mut self) {
        if std::thread::panicking() {
            logs::show(&self.logs());
        } else {
            books::check(self);
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn connect(url: &str) -> Option<PgConnection> {
    diesel::Connection::establish(url).ok()
}

fn name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}
