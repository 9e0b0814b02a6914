//! A service that does nothing, for the tests of the life of a process.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use service::config::Invalid;
use service::link::Callee;
use service::{Common, Lifecycle, Name, Secret, Settings};

/// A service that does nothing, in one of several ways.
#[derive(Debug, Parser)]
#[command(name = "korrigo-idle")]
struct Config {
    #[command(flatten)]
    service: Common,

    #[command(flatten)]
    callee: Callee,

    /// How it does nothing.
    #[arg(long, env = "KORRIGO_IDLE_MANNER", default_value = "patient", value_enum)]
    manner: Manner,

    /// A secret of no use.
    #[arg(
        long,
        env = "KORRIGO_IDLE_SECRET",
        hide_env_values = true,
        value_parser = service::config::secret
    )]
    idle_secret: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Manner {
    /// It ends when asked.
    Patient,
    /// It goes on until it is stopped.
    Stubborn,
    /// Its task panics.
    Panicking,
    /// Its task ends by itself.
    Short,
    /// It cannot be built.
    Broken,
}

impl AsRef<Common> for Config {
    fn as_ref(&self) -> &Common {
        &self.service
    }
}

impl Settings for Config {
    fn check(&self) -> Result<(), Invalid> {
        self.callee.link().map(drop)
    }
}

fn main() -> ExitCode {
    service::run(Name::Korrigo, build)
}

async fn build(config: Config, lifecycle: Lifecycle) -> anyhow::Result<()> {
    let latch = lifecycle.latch("idling");
    let _degraded = lifecycle.soft_latch("company");
    let (draining, stopping) = (lifecycle.draining(), lifecycle.stopping());
    match config.manner {
        Manner::Patient => lifecycle.spawn("idle", async move { draining.cancelled().await }),
        Manner::Stubborn => lifecycle.spawn("idle", async move { stopping.cancelled().await }),
        Manner::Panicking => lifecycle.spawn("idle", panicking(config.idle_secret)),
        Manner::Short => lifecycle.spawn("idle", async {}),
        Manner::Broken => {
            return Err(std::io::Error::other("canary"))
                .map_err(|error| anyhow::Error::new(error).context("the example is broken"));
        }
    }
    latch.ready();
    Ok(())
}

#[expect(
    clippy::panic,
    clippy::unused_async,
    reason = "what happens then is what is tested"
)]
async fn panicking(secret: Option<Secret>) {
    panic!("canary {}", secret.as_ref().map_or("", Secret::expose));
}
