//! A process starts, changes its readiness, drains and ends.

use std::time::Duration;

use crate::causes::Causes;
use crate::code::Code;
use crate::event::Level;
use crate::place::Place;

closed! {
    /// What a readiness check says.
    Readiness {
        /// Not known yet.
        Pending = "pending",
        /// It works.
        Ready = "ok",
        /// It works in part, which does not stop the service.
        Degraded = "degraded",
        /// It does not work.
        Failed = "failed",
    }
}

events! {
    PROCESS;

    ServiceStarting = Info "service.starting" "the service is starting" {}
    ServiceConfigured = Info "service.configured" "the configuration was read" {
        from_flags: usize,
        from_environment: usize,
        from_defaults: usize,
    }
    ServiceStarted = Info "service.started" "the service has started" { duration: Duration }
    ServiceStartFailed = Critical "service.start_failed" "the service could not start" { error: Causes }
    ListenerReady = Info "service.listening" "a listener answers" { listener: Code, port: u16 }
    ServiceDraining = Info "service.draining" "the service takes no new work and finishes what it has" {}
    ServiceDrained = Info "service.drained" "all work of the service has ended" { duration: Duration }
    ServiceDrainTimedOut = Warning "service.drain_timed_out" "work was still running when the time to finish ran out" {
        tasks: usize,
        duration: Duration,
    }
    ServiceHardStop = Warning "service.hard_stop" "a second signal ended the drain" { tasks: usize }
    ServiceStopped = Info "service.stopped" "the service has stopped" { exit_code: u8 }
    TaskPanicked = Critical "service.task_panicked" "a task of the service panicked" { task: Code }
    TaskEnded = Critical "service.task_ended" "a task of the service ended too early" { task: Code }
    ReadinessChanged = Info "service.readiness_changed" "a readiness check changed" {
        check: Code,
        state: Readiness,
    }
    RuntimeStalled = Error "service.runtime_stalled" "the watchdog did not tick in time" { duration: Duration }
    Panicked = Error "process.panicked" "code panicked" { place: Option<Place> }
    LinesDropped = Warning "log.lines_dropped" "log lines were dropped" { lines: u64 }
    LogLevelChanged = Warning "log.level_changed" "from here on other levels are written" { lowest: Level }
    ThirdParty = Warning "third_party.warning" "a library warned" { suppressed: u64 }
    ThirdPartyFailed = Error "third_party.error" "a library reported an error" { suppressed: u64 }
    TracesNotExported = Warning "telemetry.traces_lost" "spans could not be exported at the end" {}
    TracesUnavailable = Warning "telemetry.traces_unavailable" "another subscriber is installed, there are no spans" {}
    MetricsUnavailable = Warning "telemetry.metrics_unavailable" "another recorder is installed, metrics are not shown" {}
}
