//! The option of commands that look at the queues.

use clap::Args;
use domain::secret::Secret;
use service::config::{AmqpAuthority, secret};

use broker::{Config, Letters, SeenQueue, Topology, look};

use crate::Failure;
use crate::diagnosis::Finding;

/// What the broker calls the connections of commands.
const CONNECTION: &str = "korrigo";

/// The broker, where it may be looked at.
#[derive(Debug, Args)]
pub(super) struct MaybeBroker {
    /// RabbitMQ. Without it, what is in the queues is not looked at.
    #[arg(long, env = "KORRIGO_AMQP_URL", hide_env_values = true, value_parser = secret)]
    amqp_url: Option<Secret>,

    #[command(flatten)]
    authority: AmqpAuthority,
}

/// The broker.
#[derive(Debug, Args)]
pub(super) struct Broker {
    /// RabbitMQ.
    #[arg(long, env = "KORRIGO_AMQP_URL", hide_env_values = true, value_parser = secret)]
    amqp_url: Secret,

    #[command(flatten)]
    authority: AmqpAuthority,
}

impl Broker {
    /// Takes the dead letters into the hand.
    pub(super) async fn letters(&self) -> Result<Letters, Failure> {
        let config = Config::new(self.amqp_url.expose(), self.authority.file(), CONNECTION);
        let config = config.map_err(broker::Error::from)?;
        Ok(Letters::open(&config).await?)
    }
}

impl From<broker::Error> for Failure {
    fn from(error: broker::Error) -> Self {
        let advice = Finding::of_broker(&error).advice();
        Self::new(error, advice).called("broker")
    }
}

impl MaybeBroker {
    /// The queues; `None` if they are not to be looked at.
    pub(super) async fn look(&self) -> Option<Result<Vec<SeenQueue>, broker::Error>> {
        let url = self.amqp_url.as_ref()?;
        Some(
            match Config::new(url.expose(), self.authority.file(), CONNECTION) {
                Ok(config) => look(&config, &Topology::korrigo()).await,
                Err(mistake) => Err(mistake.into()),
            },
        )
    }
}
