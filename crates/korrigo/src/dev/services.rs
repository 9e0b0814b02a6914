//! The three services, in the order in which they need each other.

use std::ffi::OsString;
use std::process::ExitStatus;

use crate::Failure;
use crate::dev::Home;
use crate::dev::prepare::Databases;
use crate::dev::service::{Service, forget};
use crate::stack::{BrokerUser, Error, RabbitMq};
use crate::terminal;

/// What the services need to know of the servers.
pub(crate) struct Addresses {
    /// The database.
    pub(crate) databases: Databases,
    /// The broker.
    pub(crate) broker: BrokerUrls,
    /// Where the gateway is to listen.
    pub(crate) port: u16,
    /// What grading is told beside the usual.
    pub(crate) of_grading: Settings,
}

/// Where the broker is, for each who uses it.
#[derive(Default)]
pub(crate) struct BrokerUrls {
    grading: String,
    worker: String,
    pub(crate) operator: String,
}

impl BrokerUrls {
    pub(crate) fn of(rabbitmq: &RabbitMq) -> Self {
        Self {
            grading: rabbitmq.url_of(BrokerUser::Grading),
            worker: rabbitmq.url_of(BrokerUser::Worker),
            operator: rabbitmq.url_of(BrokerUser::Operator),
        }
    }
}

/// Variables for a service.
pub(crate) type Settings = Vec<(&'static str, OsString)>;

/// The running services.
#[derive(Debug)]
pub(crate) struct Services {
    /// HTTP.
    pub(crate) gateway: Service,
    /// The state of everything.
    pub(crate) grading: Service,
    /// The one that reads documents.
    pub(crate) worker: Service,
    /// Where the gateway is.
    pub(crate) url: String,
    /// Where grading is.
    pub(crate) grading_url: String,
}

impl Services {
    /// Starts all three and waits until they are ready.
    pub(crate) async fn start(home: &Home, addresses: &Addresses) -> Result<Self, Failure> {
        let address_file = home.path("run/grading.address");
        forget(&address_file)?;
        let mut settings = common(home)?;
        settings.extend([
            ("KORRIGO_GRADING_LISTEN", "127.0.0.1:0".into()),
            ("KORRIGO_GRADING_ADDRESS_FILE", address_file.clone().into()),
            ("KORRIGO_DATABASE_URL", addresses.databases.app.expose().into()),
            ("KORRIGO_AMQP_URL", (&addresses.broker.grading).into()),
            ("KORRIGO_AUDIT_CHECKPOINTS", home.path("audit/checkpoints").into()),
            ("KORRIGO_AUDIT_KEY", home.audit_key()?.into()),
        ]);
        settings.extend(addresses.of_grading.clone());
        let grading = Service::start(home, "grading", settings).await?;
        let address = std::fs::read_to_string(&address_file).map_err(Error::file(&address_file))?;
        let grading_url = format!("http://{}", address.trim());

        let listen = format!("127.0.0.1:{}", addresses.port);
        let gateway = Service::start(home, "gateway", gateway(home, &listen, &grading_url)?);
        let worker = Service::start(home, "pdf-worker", worker(home, &grading_url, addresses)?);
        let (gateway, worker) = tokio::try_join!(gateway, worker)?;
        let url = format!("http://{listen}");
        Ok(Self {
            gateway,
            grading,
            worker,
            url,
            grading_url,
        })
    }

    /// Where operators ask which how it is, separated by commas.
    pub(crate) fn admin_urls(&self) -> String {
        let services = [
            ("gateway", &self.gateway),
            ("grading", &self.grading),
            ("worker", &self.worker),
        ];
        services
            .map(|(kind, service)| format!("{kind}={}", service.admin))
            .join(",")
    }

    /// Lets the one of this name finish.
    pub(crate) async fn stop(&mut self, name: &str) {
        let mut services = [&mut self.gateway, &mut self.worker, &mut self.grading].into_iter();
        if let Some(service) = services.find(|service| service.name == name) {
            service.drain().await;
        }
    }

    /// Starts the worker again, after whatever ended it.
    pub(crate) async fn restart_worker(&mut self, home: &Home, addresses: &Addresses) -> Result<(), Failure> {
        self.worker.kill();
        let settings = worker(home, &self.grading_url, addresses)?;
        self.worker = Service::start(home, "pdf-worker", settings).await?;
        Ok(())
    }

    /// One that has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<(&Service, ExitStatus)> {
        let services = [&mut self.gateway, &mut self.grading, &mut self.worker];
        services.into_iter().find_map(|service| {
            let status = service.ended()?;
            Some((&*service, status))
        })
    }

    /// Lets all of them finish: nothing new comes in, then what is under way is brought to its end.
    pub(crate) async fn drain(&mut self) {
        for service in [&mut self.gateway, &mut self.worker, &mut self.grading] {
            service.drain().await;
            terminal::progress(format_args!("{} has stopped", service.name));
        }
    }

    /// Ends all of them at once.
    pub(crate) fn kill(&mut self) {
        for service in [&mut self.gateway, &mut self.worker, &mut self.grading] {
            service.kill();
        }
    }
}

fn common(home: &Home) -> Result<Settings, Error> {
    Ok(vec![(
        "KORRIGO_SERVICE_TOKEN",
        home.secret("service-token")?.expose().into(),
    )])
}

fn gateway(home: &Home, listen: &str, grading_url: &str) -> Result<Settings, Error> {
    let mut settings = common(home)?;
    settings.extend([
        ("KORRIGO_GATEWAY_LISTEN", listen.into()),
        ("KORRIGO_GRADING_URL", grading_url.into()),
        ("KORRIGO_BLOBS_DIR", home.path("blobs").into()),
        (
            "KORRIGO_METRICS_TOKEN",
            home.secret("metrics-token")?.expose().into(),
        ),
        // There is no TLS on this machine's own interface.
        ("KORRIGO_INSECURE_COOKIES", "true".into()),
        // Disks of developers are full.
        ("KORRIGO_BLOBS_RESERVE", "0".into()),
    ]);
    Ok(settings)
}

fn worker(home: &Home, grading_url: &str, addresses: &Addresses) -> Result<Settings, Error> {
    let mut settings = common(home)?;
    settings.extend([
        ("KORRIGO_GRADING_URL", grading_url.into()),
        ("KORRIGO_AMQP_URL", (&addresses.broker.worker).into()),
        ("KORRIGO_BLOBS_DIR", home.path("blobs").into()),
        ("KORRIGO_WORK_DIR", home.path("work").into()),
        // Whoever presses Ctrl-C does not want to wait for a long document; it is read again at the next start.
        ("KORRIGO_HAND_BACK_AFTER", "3s".into()),
    ]);
    let reader = home.packages()?.reader();
    settings.extend(reader.map(|program| ("KORRIGO_TESSERACT", program.into())));
    Ok(settings)
}
