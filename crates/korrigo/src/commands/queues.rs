//! The option of commands that look at the queues.

use clap::Args;
use domain::secret::Secret;
use service::config::secret;

use broker::{Config, SeenQueue, Topology, look};

/// The broker, where it may be looked at.
#[derive(Debug, Args)]
pub(super) struct MaybeBroker {
    /// RabbitMQ. Without it, what is in the queues is not looked at.
    #[arg(long, env = "KORRIGO_AMQP_URL", hide_env_values = true, value_parser = secret)]
    amqp_url: Option<Secret>,
}

impl MaybeBroker {
    /// The queues; `None` if they are not to be looked at.
    pub(super) async fn look(&self) -> Option<Result<Vec<SeenQueue>, broker::Error>> {
        let url = self.amqp_url.as_ref()?;
        Some(match Config::new(url.expose(), "korrigo") {
            Ok(config) => look(&config, &Topology::korrigo()).await,
            Err(error) => Err(error),
        })
    }
}
