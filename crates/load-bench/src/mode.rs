//! How a system tells of itself, and who listens.

use testkit::system::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How a system tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// Not at all.
    Off,
    /// Log files, scrapes, and every span to a collector.
    On,
    /// The same, but the collector takes connections and never says a word, and somebody asks for metrics and reads them
    /// slowly.
    BlackHole,
    /// The same, but nobody listens where the collector should be.
    Nobody,
}

/// Whoever holds connections, as long as this is kept.
pub(crate) type Holding = JoinSet<Vec<TcpStream>>;

impl Mode {
    /// What it is called in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::BlackHole => "on, the collector is silent and a scraper reads slowly",
            Self::Nobody => "on, nobody listens",
        }
    }

    /// A system that tells of itself like this.
    pub(crate) async fn told(self, system: Builder) -> anyhow::Result<(Builder, Holding)> {
        let mut holding = Holding::new();
        let system = match self {
            Self::Off => system.setting("KORRIGO_BENCHMARK_WITHOUT_TELEMETRY", "true"),
            Self::On => system.traces(),
            Self::BlackHole => system.setting("KORRIGO_OTLP_ENDPOINT", black_hole(&mut holding).await?),
            // No program is given this port.
            Self::Nobody => system.setting("KORRIGO_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        };
        Ok((system, holding))
    }
}

async fn black_hole(holding: &mut Holding) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    holding.spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
        held
    });
    Ok(url)
}
