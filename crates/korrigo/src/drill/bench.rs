//! The private stack of the drills, with an exam, its people, and as many copies as are asked for.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::Failure;
use crate::demo::scans::Scan;
use crate::dev::{self, Addresses, BrokerUrls, Client, Home, People, Servers, Services, Settings, prepare};
use crate::drill::canary::{ADMIN_TOKEN, Canaries, EXAM};
use crate::drill::volume::Volume;
use crate::drill::wait::{MOMENT, until};
use crate::drill::watch::{Watch, Watcher};
use crate::stack::{Durability, Error, Postgres, RabbitMq, Server, ports};

/// How long an import may take on a busy machine.
const IMPORT_LIMIT: Duration = Duration::from_mins(1);
/// How often the trail is signed and verified. Nobody waits an hour in a drill.
const OF_GRADING: [(&str, &str); 2] = [
    ("KORRIGO_AUDIT_CHECKPOINT_INTERVAL", "1s"),
    ("KORRIGO_AUDIT_VERIFY_INTERVAL", "5s"),
];

/// A running stack. What is above ends before what it needs.
pub(super) struct Bench {
    pub(super) watch: Option<Watch>,
    pub(super) services: Services,
    pub(super) servers: Servers,
    pub(super) volume: Volume,
    pub(super) addresses: Addresses,
    pub(super) home: Home,
    pub(super) admin: Client,
    pub(super) teacher: Client,
    pub(super) people: People,
    pub(super) canaries: Canaries,
    exam: String,
    scans: u64,
}

impl Bench {
    /// Starts everything from nothing, in a directory of its own below `directory`, and what watches it.
    pub(super) async fn start(directory: &Path, watcher: Option<&Watcher>) -> Result<Self, Failure> {
        let packages = dev::packages(directory)?;
        let own = directory.join("drill");
        Volume::release(&own.join("blobs"));
        dev::clean(&own)?;
        let home = Home::enter(&own)?;
        let volume = Volume::at(home.path("blobs"));
        let wanted = [Server::PostgreSql, Server::RabbitMq];
        let servers = Servers::start(&packages, home.servers(), &wanted, Durability::Fast)?;
        let databases = prepare::database(&home, postgres(&servers)?)?;
        let people = prepare::people(&home, &databases).await?;
        let addresses = Addresses {
            databases,
            broker: BrokerUrls::of(rabbitmq(&servers)?),
            port: ports::free()?,
            of_grading: of_grading(&home)?,
        };
        let services = Services::start(&home, &addresses).await?;
        let admin = Client::log_in(&services.url, &people.admin).await?;
        let teacher = Client::log_in(&services.url, &people.teacher).await?;
        let body = json!({
            "name": EXAM,
            "date": "2026-06-15",
            "correctors": [people.teacher_id.to_string()],
        });
        let made = admin.post("/exams", &body).await?;
        let exam = made.text("id").ok_or_else(|| made.unexpected("making an exam"))?;
        let mut bench = Self {
            watch: watcher.map(|watcher| watcher.start(&home)).transpose()?,
            canaries: Canaries::of(&home, &people, [admin.token(), teacher.token()])?,
            people,
            services,
            servers,
            volume,
            addresses,
            home,
            admin,
            teacher,
            exam,
            scans: 0,
        };
        bench.aim()?;
        Ok(bench)
    }

    /// Has whoever watches look at what runs now.
    pub(super) fn aim(&mut self) -> Result<(), Error> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        watch.aim(&self.services, rabbitmq(&self.servers)?)
    }

    /// Starts all services, where the gateway was before. A restore has ended all sessions: people log in again.
    pub(super) async fn start_services(&mut self) -> Result<(), Failure> {
        self.services = Services::start(&self.home, &self.addresses).await?;
        for (client, account) in [
            (&mut self.admin, &self.people.admin),
            (&mut self.teacher, &self.people.teacher),
        ] {
            *client = Client::log_in(&self.services.url, account).await?;
            self.canaries.add(client.token().expose());
        }
        Ok(())
    }

    /// Ends everything and removes what it stored.
    pub(super) fn remove(self, directory: &Path) -> Result<(), Failure> {
        drop(self);
        dev::clean(&directory.join("drill"))
    }

    /// The database server.
    pub(super) fn postgres(&self) -> Result<&Postgres, Error> {
        postgres(&self.servers)
    }

    /// The broker.
    pub(super) fn rabbitmq(&self) -> Result<&RabbitMq, Error> {
        rabbitmq(&self.servers)
    }

    /// A scan that no other copy is made of.
    pub(super) fn scan(&mut self) -> Result<Vec<u8>, Failure> {
        self.scans += 1;
        let scan = Scan {
            pages: 1,
            seed: self.scans,
            dpi: 40,
            colour: false,
        };
        scan.document().map_err(|error| Failure::new(error, "report it"))
    }

    /// Uploads a document and gives the copy, whose import is under way.
    pub(super) async fn uploaded(&mut self, document: Vec<u8>) -> Result<String, Failure> {
        self.scans += 1;
        let (path, key) = (
            format!("/exams/{}/copies", self.exam),
            format!("drill-{}", self.scans),
        );
        let answer = self.admin.upload(&path, &key, document).await?;
        let copy = answer
            .text("copy_id")
            .filter(|_| answer.status == StatusCode::ACCEPTED);
        copy.ok_or_else(|| answer.unexpected("uploading a copy"))
    }

    /// A copy with its pages.
    pub(super) async fn imported(&mut self) -> Result<String, Failure> {
        let scan = self.scan()?;
        self.imported_of(scan).await
    }

    /// A copy that can be corrected.
    pub(super) async fn ready(&mut self) -> Result<String, Failure> {
        let scan = self.scan()?;
        self.ready_of(scan).await
    }

    /// The same, of this document.
    pub(super) async fn ready_of(&mut self, document: Vec<u8>) -> Result<String, Failure> {
        let copy = self.imported_of(document).await?;
        let path = format!("/copies/{copy}/validate");
        let validated = self.admin.post(&path, &json!({})).await?;
        validated.made("validating a copy")?;
        Ok(copy)
    }

    async fn imported_of(&mut self, document: Vec<u8>) -> Result<String, Failure> {
        let copy = self.uploaded(document).await?;
        until(Instant::now() + IMPORT_LIMIT, MOMENT, async || {
            let late = || Failure::new("a copy was not imported in time", "read the logs");
            Ok((self.pages(&copy).await? == 0).then(late))
        })
        .await?;
        Ok(copy)
    }

    /// The token of the lock with which the teacher has taken a copy.
    pub(super) async fn taken(&mut self, copy: &str) -> Result<String, Failure> {
        let lock = self
            .teacher
            .post(&format!("/copies/{copy}/lock"), &json!({}))
            .await?;
        let token = lock
            .text("token")
            .ok_or_else(|| lock.unexpected("locking a copy"))?;
        self.canaries.add(&token);
        Ok(token)
    }

    /// What commands need that only look, and where the services' files are.
    pub(super) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let home = &self.home;
        vec![
            (
                "KORRIGO_DATABASE_URL",
                self.addresses.databases.read.expose().into(),
            ),
            ("KORRIGO_AMQP_URL", (&self.addresses.broker.operator).into()),
            ("KORRIGO_ADMIN_URLS", self.services.admin_urls().into()),
            ("KORRIGO_AUDIT_CHECKPOINTS", home.path("audit/checkpoints").into()),
            (
                "KORRIGO_AUDIT_PUBLIC_KEY",
                home.path("secrets/audit-key.pub").into(),
            ),
            // A machine that drills is busy, and what is slow there is no fault.
            ("KORRIGO_LOOK_WITHIN", "10s".into()),
            ("KORRIGO_BLOBS_DIR", home.path("blobs").into()),
            ("KORRIGO_LOG_DIR", home.path("logs").into()),
        ]
    }

    /// What commands need beside that change something.
    pub(super) fn powers(&self) -> Result<Vec<(&'static str, OsString)>, Failure> {
        let token = self.home.secret("service-token")?;
        Ok(vec![
            (
                "KORRIGO_DATABASE_URL",
                self.addresses.databases.app.expose().into(),
            ),
            ("KORRIGO_GRADING_URL", (&self.services.grading_url).into()),
            ("KORRIGO_SERVICE_TOKEN", token.expose().into()),
            (
                "KORRIGO_MIGRATE_URL",
                self.addresses.databases.migrate.expose().into(),
            ),
            ("KORRIGO_OPERATOR", self.people.admin.login.into()),
            (
                "KORRIGO_SUPERUSER_URL",
                self.postgres()?.superuser_url("postgres").into(),
            ),
        ])
    }

    async fn pages(&self, copy: &str) -> Result<u64, Failure> {
        let answer = self.admin.get(&format!("/copies/{copy}")).await?;
        let pages = answer.body.get("page_count").and_then(Value::as_u64);
        Ok(pages.unwrap_or(0))
    }
}

fn of_grading(home: &Home) -> Result<Settings, Error> {
    let mut settings: Settings = OF_GRADING.map(|(name, value)| (name, value.into())).into();
    let token = home.secret(ADMIN_TOKEN)?;
    settings.push(("KORRIGO_ADMIN_TOKEN", token.expose().into()));
    Ok(settings)
}

fn postgres(servers: &Servers) -> Result<&Postgres, Error> {
    let server = Server::PostgreSql;
    servers.postgres.as_ref().ok_or(Error::Missing { server })
}

fn rabbitmq(servers: &Servers) -> Result<&RabbitMq, Error> {
    let server = Server::RabbitMq;
    servers.rabbitmq.as_ref().ok_or(Error::Missing { server })
}
