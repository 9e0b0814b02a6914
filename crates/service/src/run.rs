//! The process from its command line to its exit code.

use std::future::Future;
use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use telemetry::events::{ServiceConfigured, ServiceStartFailed, ServiceStarting, ServiceStopped};
use telemetry::{Causes, Options, ServiceName, Telemetry};

use crate::config::{self, Common, Invalid, Outcome, Settings, Sources};
use crate::lifecycle::Lifecycle;
use crate::live::{Lived, live};
use crate::probe;

/// The version of every binary of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The revision of the source, if the build was told.
const GIT_SHA: &str = match option_env!("KORRIGO_GIT_SHA") {
    Some(sha) => sha,
    None => "unknown",
};

const FAILURE: u8 = 1;
const BAD_CONFIGURATION: u8 = 2;
/// Where nothing may be left untold.
const PRODUCTION: &str = "production";

/// Runs a service: reads its configuration, calls `build`, lives until a signal, drains.
///
/// `build` starts everything and returns; what lives on is given to the [`Lifecycle`]. Exit codes: 0 after a
/// drain, 1 after a failure, 2 for a mistake in the configuration.
pub fn run<C, F, Fut>(name: ServiceName, build: F) -> ExitCode
where
    C: Parser + Settings,
    F: FnOnce(C, Lifecycle) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    keep_memory_private();
    let (config, sources) = match config::read::<C>(std::env::args_os()) {
        Ok(Outcome::Run(config, sources)) => (config, sources),
        Ok(Outcome::Print(text)) => return print(&text),
        Err(invalid) => return refuse(name, &invalid.to_string(), BAD_CONFIGURATION),
    };
    if let Err(invalid) = config.check() {
        return refuse(name, &invalid.to_string(), BAD_CONFIGURATION);
    }
    if config.as_ref().check_config {
        return print("OK\n");
    }
    if config.as_ref().probe {
        return probed(name, config.as_ref());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_io) => return refuse(name, "no threads for the runtime", FAILURE),
    };
    let exit = runtime.block_on(Box::pin(with_telemetry(name, sources, config, build)));
    // What is stuck in a blocking call must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit
}

fn probed(name: ServiceName, common: &Common) -> ExitCode {
    match probe::ready(common.admin_listen) {
        Ok((true, answer)) => print(&answer),
        Ok((false, answer)) => refuse(name, answer.trim_end(), FAILURE),
        Err(_no_answer) => refuse(name, "nothing answers on the admin address", FAILURE),
    }
}

/// A process that crashes leaves no picture of its memory, and others cannot look into it. Where the system does
/// not allow to ask for that, its own rules stand.
fn keep_memory_private() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    _ = setrlimit(Resource::Core, none);
    _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

async fn with_telemetry<C, F, Fut>(name: ServiceName, sources: Sources, config: C, build: F) -> ExitCode
where
    C: AsRef<Common>,
    F: FnOnce(C, Lifecycle) -> Fut,
    Fut: Future<Output = anyhow::Result<()>>,
{
    let common = config.as_ref().clone();
    if let Some(plan) = common.failpoint.clone() {
        failpoint::arm(plan);
    }
    let telemetry = match telemetry(name, &common) {
        Ok(telemetry) => telemetry,
        Err(exit_code) => return exit_code,
    };
    telemetry::log(ServiceStarting {});
    let Sources {
        flags,
        environment,
        defaults,
    } = sources;
    telemetry::log(ServiceConfigured {
        from_flags: flags,
        from_environment: environment,
        from_defaults: defaults,
    });
    let lifecycle = Lifecycle::new(telemetry.metrics());
    let lived = live(&common, lifecycle, |lifecycle| build(config, lifecycle)).await;
    let (exit_code, complaint) = judge(lived);
    telemetry::log(ServiceStopped { exit_code });
    telemetry.shutdown().await;
    match complaint {
        None => ExitCode::from(exit_code),
        Some(complaint) => refuse(name, &complaint, exit_code),
    }
}

fn telemetry(name: ServiceName, common: &Common) -> Result<Telemetry, ExitCode> {
    if !common.benchmark_without_telemetry {
        return Telemetry::start(&options(name, common)).map_err(|error| cannot_start(name, &error));
    }
    if common.environment == PRODUCTION {
        let invalid = Invalid {
            key: "--benchmark-without-telemetry (KORRIGO_BENCHMARK_WITHOUT_TELEMETRY)".to_owned(),
            problem: "is not for production",
        };
        return Err(refuse(name, &invalid.to_string(), BAD_CONFIGURATION));
    }
    Ok(Telemetry::nothing())
}

/// The exit code, and what is said about it.
fn judge(lived: anyhow::Result<Lived>) -> (u8, Option<String>) {
    match lived {
        Ok(Lived::Drained) => (0, None),
        Ok(Lived::Forced | Lived::Broken) => (FAILURE, None),
        Err(error) => {
            if let Some(invalid) = error.downcast_ref::<Invalid>() {
                return (BAD_CONFIGURATION, Some(invalid.to_string()));
            }
            telemetry::log(ServiceStartFailed {
                error: causes(&error),
            });
            // Words of a driver are for the operator at the terminal, not for a log.
            let complaint = std::io::stderr().is_terminal().then(|| format!("{error:#}"));
            (FAILURE, complaint)
        }
    }
}

/// A context that `build` gave in constant words is told; anything else only by what it is.
fn causes(error: &anyhow::Error) -> Causes {
    match (error.downcast_ref::<&'static str>(), error.chain().nth(1)) {
        (Some(step), Some(cause)) => Causes::of_step(step, cause),
        (_, _) => Causes::of_any(error.as_ref()),
    }
}

fn options(name: ServiceName, common: &Common) -> Options {
    let mut options = Options::new(name, VERSION);
    options.git_sha = GIT_SHA;
    options.level = common.log_level;
    options.log_dir.clone_from(&common.log_dir);
    options.otlp_endpoint.clone_from(&common.otlp_endpoint);
    options.sentry.clone_from(&common.sentry_dsn);
    options.sample_ratio = common.trace_sample_ratio;
    options.environment.clone_from(&common.environment);
    if let Some(instance) = &common.instance {
        options.instance.clone_from(instance);
    }
    options
}

fn cannot_start(name: ServiceName, error: &telemetry::Error) -> ExitCode {
    if matches!(error, telemetry::Error::LogDirectory(_)) {
        return refuse(
            name,
            "--log-dir (KORRIGO_LOG_DIR): cannot be written",
            BAD_CONFIGURATION,
        );
    }
    if matches!(error, telemetry::Error::Collector(_)) {
        return refuse(
            name,
            "--otlp-endpoint (KORRIGO_OTLP_ENDPOINT): cannot be used",
            BAD_CONFIGURATION,
        );
    }
    refuse(name, &error.to_string(), FAILURE)
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_closed) => ExitCode::from(FAILURE),
    }
}

/// Says in one line why the process ends.
fn refuse(name: ServiceName, complaint: &str, exit_code: u8) -> ExitCode {
    // Nobody is left to tell if this fails.
    _ = writeln!(std::io::stderr(), "korrigo-{name}: {complaint}");
    ExitCode::from(exit_code)
}
