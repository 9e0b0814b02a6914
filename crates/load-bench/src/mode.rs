//! How a system tells of itself, and who listens.

use testkit::BlackHole;
use testkit::system::Builder;

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

    /// A system that tells of itself like this, and the collector that has to be kept meanwhile.
    pub(crate) fn told(self, system: Builder) -> (Builder, Option<BlackHole>) {
        match self {
            Self::Off => (
                system.setting("KORRIGO_BENCHMARK_WITHOUT_TELEMETRY", "true"),
                None,
            ),
            Self::On => (system.traces(), None),
            Self::BlackHole => {
                let silent = BlackHole::open();
                let url = format!("http://{}", silent.address());
                (system.setting("KORRIGO_OTLP_ENDPOINT", url), Some(silent))
            }
            // No program is given this port.
            Self::Nobody => (
                system.setting("KORRIGO_OTLP_ENDPOINT", "http://127.0.0.1:1"),
                None,
            ),
        }
    }
}
