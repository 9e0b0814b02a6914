//! The three services, in the order in which they need each other.

use std::ffi::OsString;
use std::process::ExitStatus;

use crate::Failure;
use crate::dev::Home;
use crate::dev::prepare::Databases;
use crate::dev::service::{Service, forget};
use crate::stack::{Error, ports};
use crate::terminal;

/// Where the gateway listens when nobody else does.
const USUAL_PORT: u16 = 8088;

/// What the services need to know of the servers.
pub(super) struct Addresses {
    /// The database.
    pub(super) databases: Databases,
    /// The broker.
    pub(super) amqp_url: String,
}

/// The running services.
#[derive(Debug)]
pub(super) struct Services {
    /// HTTP.
    pub(super) gateway: Service,
    /// The state of everything.
    pub(super) grading: Service,
    /// The one that reads documents.
    pub(super) worker: Service,
    /// Where the gateway is.
    pub(super) url: String,
}

impl Services {
    /// Starts all three and waits until they are ready.
    pub(super) async fn start(home: &Home, addresses: &Addresses) -> Result<Self, Failure> {
        let address_file = home.path("run/grading.address");
        forget(&address_file)?;
        let mut settings = common(home)?;
        settings.extend([
            ("KORRIGO_GRADING_LISTEN", "127.0.0.1:0".into()),
            ("KORRIGO_GRADING_ADDRESS_FILE", address_file.clone().into()),
            ("KORRIGO_DATABASE_URL", addresses.databases.app.expose().into()),
            ("KORRIGO_AMQP_URL", (&addresses.amqp_url).into()),
            ("KORRIGO_AUDIT_CHECKPOINTS", home.path("audit/checkpoints").into()),
            ("KORRIGO_AUDIT_KEY", home.audit_key()?.into()),
        ]);
        let grading = Service::start(home, "grading", settings).await?;
        let address = std::fs::read_to_string(&address_file).map_err(Error::file(&address_file))?;
        let grading_url = format!("http://{}", address.trim());

        let port = if ports::is_free(USUAL_PORT) {
            USUAL_PORT
        } else {
            ports::free(&[])?
        };
        let listen = format!("127.0.0.1:{port}");
        let gateway = Service::start(home, "gateway", gateway(home, &listen, &grading_url)?);
        let worker = Service::start(home, "pdf-worker", worker(home, &grading_url, addresses)?);
        let (gateway, worker) = tokio::try_join!(gateway, worker)?;
        let url = format!("http://{listen}");
        Ok(Self {
            gateway,
            grading,
            worker,
            url,
        })
    }

    /// One that has ended, and how.
    pub(super) fn ended(&mut self) -> Option<(&Service, ExitStatus)> {
        let services = [&mut self.gateway, &mut self.grading, &mut self.worker];
        services.into_iter().find_map(|service| {
            let status = service.ended()?;
            Some((&*service, status))
        })
    }

    /// Lets all of them finish: nothing new comes in, then what is under way is brought to its end.
    pub(super) async fn drain(&mut self) {
        for service in [&mut self.gateway, &mut self.worker, &mut self.grading] {
            service.drain().await;
            terminal::progress(format_args!("{} has stopped", service.name));
        }
    }

    /// Ends all of them at once.
    pub(super) fn kill(&mut self) {
        for service in [&mut self.gateway, &mut self.worker, &mut self.grading] {
            service.kill();
        }
    }
}

type Settings = Vec<(&'static str, OsString)>;

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
    ]);
    Ok(settings)
}

fn worker(home: &Home, grading_url: &str, addresses: &Addresses) -> Result<Settings, Error> {
    let mut settings = common(home)?;
    settings.extend([
        ("KORRIGO_GRADING_URL", grading_url.into()),
        ("KORRIGO_AMQP_URL", (&addresses.amqp_url).into()),
        ("KORRIGO_BLOBS_DIR", home.path("blobs").into()),
        ("KORRIGO_WORK_DIR", home.path("work").into()),
        // Whoever presses Ctrl-C does not want to wait for a long document; it is read again at the next start.
        ("KORRIGO_HAND_BACK_AFTER", "3s".into()),
    ]);
    Ok(settings)
}
