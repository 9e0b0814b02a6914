//! Which parts a system is made of.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures::future::OptionFuture;
use korrigo::stack::{Durability, Postgres, RabbitMq};
use tempfile::TempDir;

use super::address::address;
use super::people::People;
use super::service::program_of;
use super::wires::{self, ServerUrls};
use super::{Collector, Expected, Receiver, Service, System, Version, Wires};
use crate::certificates::{Certificates, url_of_grading};
use crate::environment::{packages, tesseract};
use crate::proxy::Proxy;
use crate::{S3, TestBroker, TestDatabase};

/// The token by which the services of a test know each other.
pub(super) const SERVICE_TOKEN: &str = "a-service-token-for-tests-only";

/// Describes a system before it is started.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a part that a system has or has not"
)]
pub struct Builder {
    gateways: usize,
    gradings: usize,
    workers: usize,
    lease: Duration,
    reannounce_after: Duration,
    sweep_age: Duration,
    drain_delay: Duration,
    version: Version,
    own_database: bool,
    own_broker: bool,
    proxy: bool,
    wires: bool,
    traces: bool,
    reports: bool,
    certificates: bool,
    settings: Vec<(&'static str, String)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            gateways: 1,
            gradings: 1,
            workers: 1,
            lease: Duration::from_secs(30),
            reannounce_after: Duration::from_mins(2),
            sweep_age: Duration::from_hours(24),
            drain_delay: Duration::ZERO,
            version: Version::Now,
            own_database: false,
            own_broker: false,
            proxy: false,
            wires: false,
            traces: false,
            reports: false,
            certificates: false,
            settings: Vec::new(),
        }
    }
}

impl Builder {
    /// How many gateways there are.
    #[must_use]
    pub fn gateways(self, gateways: usize) -> Self {
        Self { gateways, ..self }
    }

    /// How many grading services there are. What calls them goes through one address, [`System::front`], behind which the
    /// first one that takes connections gets them.
    #[must_use]
    pub fn gradings(self, gradings: usize) -> Self {
        Self { gradings, ..self }
    }

    /// How many workers there are.
    #[must_use]
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// For tests in which processes and messages get lost: leases are short, and so is the patience with
    /// jobs that nobody claims.
    #[must_use]
    pub fn impatient(self) -> Self {
        Self {
            lease: Duration::from_secs(2),
            reannounce_after: Duration::from_secs(1),
            ..self
        }
    }

    /// Unreferenced blobs are swept soon, but not before an upload on a busy machine is registered.
    #[must_use]
    pub fn sweeping(self) -> Self {
        Self {
            sweep_age: Duration::from_secs(6),
            ..self
        }
    }

    /// How long gateways say that they are not ready before they take no more requests.
    #[must_use]
    pub fn drain_delay(self, drain_delay: Duration) -> Self {
        Self { drain_delay, ..self }
    }

    /// Which programs it begins with. [`Service::become_of`] replaces one.
    #[must_use]
    pub fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// With a database server of its own, which the test may stop.
    #[must_use]
    pub fn own_database(self) -> Self {
        Self {
            own_database: true,
            ..self
        }
    }

    /// With a broker of its own, which the test may stop.
    #[must_use]
    pub fn own_broker(self) -> Self {
        Self {
            own_broker: true,
            ..self
        }
    }

    /// With a proxy between the workers and the grading service.
    #[must_use]
    pub fn proxy(self) -> Self {
        Self { proxy: true, ..self }
    }

    /// With proxies before the database and before the broker, [`System::wires`]. What a test asks of either goes past them.
    #[must_use]
    pub fn wires(self) -> Self {
        Self { wires: true, ..self }
    }

    /// With a receiver of traces.
    #[must_use]
    pub fn traces(self) -> Self {
        Self { traces: true, ..self }
    }

    /// With a receiver of reports of errors.
    #[must_use]
    pub fn reports(self) -> Self {
        Self {
            reports: true,
            ..self
        }
    }

    /// With services that show each other certificates.
    #[must_use]
    pub fn certificates(self) -> Self {
        Self {
            certificates: true,
            ..self
        }
    }

    /// With a setting that is not the usual one, for every service that knows it: it counts whatever the usual one is.
    #[must_use]
    pub fn setting(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((variable, value.into()));
        self
    }

    /// With blobs in a bucket, and not in a directory.
    #[must_use]
    pub fn bucket(mut self, storage: &S3) -> Self {
        self.settings.extend(storage.settings());
        self
    }

    /// Starts it.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn start(self) -> System {
        let home = TempDir::new().expect("a directory");
        let (postgres, rabbitmq) = self.own_servers(home.path());
        let database = match &postgres {
            Some(server) => TestDatabase::on(&server.superuser_url("postgres")),
            None => TestDatabase::create(),
        };
        let broker = match &rabbitmq {
            Some(server) => TestBroker::on(&server.administrator_url(), &server.api_url()).await,
            None => TestBroker::create().await,
        };
        let wires = OptionFuture::from(self.wires.then(|| Wires::before(&database, &broker))).await;
        let people = People::move_in(&database);
        let collector = OptionFuture::from(self.traces.then(Collector::start)).await;
        let receiver = OptionFuture::from(self.reports.then(Receiver::start)).await;

        make_audit_key(home.path());
        let certificates = self.own_certificates(home.path());
        let settings = Settings {
            home: home.path(),
            certificates: certificates.as_ref(),
            collector: collector.as_ref(),
            receiver: receiver.as_ref(),
            others: &self.settings,
            servers: wires::urls(wires.as_ref(), &database, &broker),
        };
        let (grading, further_gradings) = settings.start_gradings(&self).await;
        let all = [&grading].into_iter().chain(&further_gradings);
        let front = Proxy::before(all.map(Service::socket).collect()).await;
        let called = settings.url(if self.gradings == 1 {
            grading.socket()
        } else {
            front.address()
        });
        let proxy = OptionFuture::from(self.proxy.then(|| Proxy::start(grading.socket()))).await;
        let reached = proxy
            .as_ref()
            .map_or_else(|| called.clone(), |proxy| settings.url(proxy.address()));
        // A worker that comes before its queues tries again, and says so.
        broker.wait_for_queues().await;
        let workers = settings.start_workers(&self, &reached).await;
        let gateways = settings.start_gateways(&self, &called).await;
        System {
            gateways,
            grading,
            further_gradings,
            workers,
            database,
            broker,
            front,
            proxy,
            wires,
            collector,
            receiver,
            certificates,
            postgres,
            rabbitmq,
            people,
            expected: Expected::default(),
            home,
        }
    }

    fn own_certificates(&self, home: &Path) -> Option<Certificates> {
        let make = || Certificates::make(&home.join("certificates"));
        self.certificates.then(make)
    }

    /// Durable ones: what they have acknowledged must survive being killed.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    fn own_servers(&self, home: &Path) -> (Option<Postgres>, Option<RabbitMq>) {
        let packages = packages();
        let postgres = self.own_database.then(|| {
            Postgres::start(&packages, &home.join("postgres"), Durability::Durable)
                .expect("a database server")
        });
        let rabbitmq = self.own_broker.then(|| {
            RabbitMq::start(&packages, &home.join("rabbitmq"), Durability::Durable).expect("a broker")
        });
        (postgres, rabbitmq)
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn make_audit_key(home: &Path) {
    let name = "korrigo.example/test".parse().expect("a name");
    korrigo::audit::make_key(&home.join("audit-key"), name).expect("a key");
}

/// The settings of the services, as their environment.
struct Settings<'a> {
    home: &'a Path,
    certificates: Option<&'a Certificates>,
    collector: Option<&'a Collector>,
    receiver: Option<&'a Receiver>,
    others: &'a [(&'static str, String)],
    servers: ServerUrls,
}

type Variables = Vec<(String, String)>;

impl Settings<'_> {
    /// How grading is called at this address.
    fn url(&self, address: SocketAddr) -> String {
        url_of_grading(self.certificates, address)
    }

    /// The first one, and the others.
    async fn start_gradings(&self, builder: &Builder) -> (Service, Vec<Service>) {
        let start = async |name: &str| {
            let variables = self.grading(builder, name);
            Service::start(name, self.home, variables, builder.version).await
        };
        let first = start("grading").await;
        let mut further = Vec::new();
        for number in 2..=builder.gradings {
            further.push(start(&format!("grading{number}")).await);
        }
        (first, further)
    }

    async fn start_workers(&self, builder: &Builder, grading: &str) -> Vec<Service> {
        let mut workers = Vec::new();
        for number in 1..=builder.workers {
            let name = match number {
                1 => "pdf-worker".to_owned(),
                further => format!("pdf-worker{further}"),
            };
            let variables = self.worker(builder, &name, grading);
            workers.push(Service::start(&name, self.home, variables, builder.version).await);
        }
        workers
    }

    async fn start_gateways(&self, builder: &Builder, grading: &str) -> Vec<Service> {
        let mut gateways = Vec::new();
        for number in 1..=builder.gateways {
            let name = format!("gateway{number}");
            let variables = self.gateway(builder, &name, grading);
            gateways.push(Service::start(&name, self.home, variables, builder.version).await);
        }
        gateways
    }

    fn grading(&self, builder: &Builder, name: &str) -> Variables {
        let own = variables([
            ("KORRIGO_GRADING_LISTEN", address()),
            (
                "KORRIGO_GRADING_ADDRESS_FILE",
                self.path(&format!("{name}/address")),
            ),
            ("KORRIGO_DATABASE_URL", self.servers.database.clone()),
            ("KORRIGO_DATABASE_CONNECTIONS", "4".to_owned()),
            ("KORRIGO_AMQP_URL", self.servers.grading_to_broker.clone()),
            ("KORRIGO_JOB_LEASE", milliseconds(builder.lease)),
            ("KORRIGO_RECONCILE_INTERVAL", "500ms".to_owned()),
            ("KORRIGO_REANNOUNCE_AFTER", milliseconds(builder.reannounce_after)),
            ("KORRIGO_AUDIT_CHECKPOINTS", self.path("checkpoints")),
            ("KORRIGO_AUDIT_KEY", self.path("audit-key")),
            ("KORRIGO_AUDIT_CHECKPOINT_INTERVAL", "1s".to_owned()),
        ]);
        self.all(name, own)
    }

    fn worker(&self, builder: &Builder, name: &str, grading: &str) -> Variables {
        let own = variables([
            ("KORRIGO_GRADING_URL", grading.to_owned()),
            ("KORRIGO_AMQP_URL", self.servers.worker_to_broker.clone()),
            ("KORRIGO_BLOBS_DIR", self.path("blobs")),
            ("KORRIGO_WORK_DIR", self.path(&format!("{name}/work"))),
            ("KORRIGO_SWEEP_INTERVAL", "1s".to_owned()),
            ("KORRIGO_SWEEP_AGE", milliseconds(builder.sweep_age)),
            ("KORRIGO_TESSERACT", tesseract().display().to_string()),
        ]);
        self.all(name, own)
    }

    fn gateway(&self, builder: &Builder, name: &str, grading: &str) -> Variables {
        let own = variables([
            ("KORRIGO_GATEWAY_LISTEN", address()),
            ("KORRIGO_DRAIN_DELAY", milliseconds(builder.drain_delay)),
            (
                "KORRIGO_GATEWAY_ADDRESS_FILE",
                self.path(&format!("{name}/address")),
            ),
            ("KORRIGO_GRADING_URL", grading.to_owned()),
            ("KORRIGO_BLOBS_DIR", self.path("blobs")),
            // How full the disk is that tests run on says nothing about what they test.
            ("KORRIGO_BLOBS_RESERVE", "0".to_owned()),
        ]);
        self.all(name, own)
    }

    /// What a service is told. What the test says comes last, and counts.
    fn all(&self, name: &str, own: Variables) -> Variables {
        let mut settings = self.common(name);
        settings.extend(own);
        let others = self.others.iter();
        settings.extend(others.map(|(variable, value)| ((*variable).to_owned(), value.clone())));
        settings
    }

    fn common(&self, name: &str) -> Variables {
        let mut settings = variables([
            ("KORRIGO_SERVICE_TOKEN", SERVICE_TOKEN.to_owned()),
            ("KORRIGO_LOG_DIR", self.path(&format!("logs/{name}"))),
        ]);
        settings.extend(
            self.collector
                .map(|collector| ("KORRIGO_OTLP_ENDPOINT".to_owned(), collector.url())),
        );
        settings.extend(
            self.receiver
                .map(|receiver| ("KORRIGO_SENTRY_DSN".to_owned(), receiver.dsn())),
        );
        if let Some(certificates) = self.certificates {
            settings.extend(variables(certificates.settings(&program_of(name))));
        }
        settings
    }

    fn path(&self, below: &str) -> String {
        self.home.join(below).display().to_string()
    }
}

fn variables<const N: usize>(pairs: [(&str, String); N]) -> Variables {
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
