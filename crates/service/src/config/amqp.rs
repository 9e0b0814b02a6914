//! What is asked of RabbitMQ beside its URL, by all who use it.

use std::path::{Path, PathBuf};

/// Who has signed the certificate of RabbitMQ.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AmqpAuthority {
    /// The authority that has signed the certificate of RabbitMQ, as a PEM file, where its URL begins with `amqps://`. Without it, one that this machine knows.
    #[arg(long, env = "KORRIGO_AMQP_TLS_AUTHORITY", value_name = "FILE")]
    amqp_tls_authority: Option<PathBuf>,
}

impl AmqpAuthority {
    /// Its file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.amqp_tls_authority.as_deref()
    }
}
