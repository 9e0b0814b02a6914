//! Puts the service together: database, broker, background tasks, gRPC.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use broker::{Publisher, Topology};
use chrono::TimeDelta;
use contracts::grading::annotations_server::AnnotationsServer;
use contracts::grading::audit_server::AuditServer;
use contracts::grading::batches_server::BatchesServer;
use contracts::grading::copies_server::CopiesServer;
use contracts::grading::drafts_server::DraftsServer;
use contracts::grading::exams_server::ExamsServer;
use contracts::grading::identities_server::IdentitiesServer;
use contracts::grading::jobs_server::JobsServer;
use contracts::grading::locks_server::LocksServer;
use contracts::grading::marks_server::MarksServer;
use contracts::grading::results_server::ResultsServer;
use contracts::grading::retention_server::RetentionServer;
use contracts::grading::sessions_server::SessionsServer;
use contracts::grading::students_server::StudentsServer;
use contracts::grading::users_server::UsersServer;
use contracts::grading::work_server::WorkServer;
use contracts::{METHODS, RequireServiceToken};
use domain::copy::Room;
use domain::job::Lease;
use domain::retention::Periods;
use domain::session::Lifetime;
use domain::throttle::Limits;
use domain::{Ids, WorkerId};
use service::Lifecycle;
use service::link::Door;
use store::{Database, Notifications};
use telemetry::grpc::{RpcMethods, ServerLayer};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptorLayer;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::checkpoints::Checkpoints;
use crate::comparisons::Comparisons;
use crate::config::{Audit, Config};
use crate::passwords::Passwords;
use crate::rosters::Rosters;
use crate::rpc::Rpc;
use crate::tasks::health::BrokerLatches;
use crate::tasks::verifier::TrailLatches;
use crate::tasks::{gauges, health, housekeeping, locks, reconciler, relay, tree, verifier};
use crate::throttling::Throttling;

/// How often a caller that says nothing is asked whether it is there, and how long it may take to say so.
const CALLER_ASKED_EVERY: Duration = Duration::from_secs(20);
const CALLER_GONE_AFTER: Duration = Duration::from_secs(10);

/// What every use case and task works with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) database: Database,
    pub(crate) notifications: Notifications,
    pub(crate) ids: Ids,
    pub(crate) passwords: Passwords,
    pub(crate) session_lifetime: Lifetime,
    pub(crate) invitation_lifetime: TimeDelta,
    pub(crate) throttling: Throttling,
    pub(crate) rosters: Rosters,
    pub(crate) comparisons: Comparisons,
    /// What a merged copy may have.
    pub(crate) room: Room,
    /// How many scans may wait.
    pub(crate) max_waiting_scans: u32,
    pub(crate) lease: Lease,
    pub(crate) retention: Periods,
    /// For how long archives are kept.
    pub(crate) archives_kept: TimeDelta,
    pub(crate) checkpoints: Checkpoints,
    /// This process, as the actor of what it does of its own accord.
    pub(crate) worker: WorkerId,
    pub(crate) draining: CancellationToken,
    pub(crate) lifecycle: Lifecycle,
}

impl App {
    /// The same with the share of the database that changes may take.
    pub(crate) fn for_changes(&self) -> Self {
        Self {
            database: self.database.for_changes(),
            ..self.clone()
        }
    }

    /// The same with the share of the database that work in bulk may take.
    pub(crate) fn for_bulk(&self) -> Self {
        Self {
            database: self.database.for_bulk(),
            ..self.clone()
        }
    }
}

/// Starts everything. Returns when gRPC is being served.
pub async fn build(config: Config, lifecycle: Lifecycle) -> anyhow::Result<()> {
    let database = Database::connect(config.database())
        .await
        .context("connecting to the database")?;
    let notifications = database.listen();

    let (publisher, connection) = Publisher::new(config.broker()?, Topology::korrigo());
    lifecycle.spawn("publisher", connection);

    let ids = Ids::time_ordered();
    let app = App {
        database,
        notifications,
        passwords: Passwords::new(password_slots())?,
        session_lifetime: Lifetime {
            idle: delta(config.session_idle)?,
            absolute: delta(config.session_max)?,
        },
        invitation_lifetime: delta(config.people.invitation_lifetime)?,
        throttling: throttling(&config)?,
        rosters: Rosters::new(config.people.max_roster_bytes),
        comparisons: Comparisons::default(),
        room: config.room().context("the room of a copy is out of range")?,
        max_waiting_scans: config.max_waiting_scans,
        lease: Lease(delta(config.job_lease)?),
        retention: config.retention.periods(),
        archives_kept: delta(config.retention.archives)?,
        checkpoints: Checkpoints {
            file: config.audit.checkpoints.clone(),
            key: config.audit.key.clone(),
        },
        worker: ids.next(),
        ids,
        draining: lifecycle.draining(),
        lifecycle: lifecycle.clone(),
    };
    watch_the_database(&app, &lifecycle);
    let broker = BrokerLatches {
        connected: lifecycle.soft_latch("broker"),
        takes: lifecycle.soft_latch("broker_takes"),
    };
    lifecycle.spawn(
        "broker",
        health::follow_broker(app.clone(), publisher.state(), broker),
    );
    lifecycle.spawn("relay", relay::run(app.clone(), publisher));
    let (interval, after) = (config.reconcile_interval, config.reannounce_after);
    lifecycle.spawn(
        "reconciler",
        reconciler::run(app.clone(), interval, delta(after)?),
    );
    lifecycle.spawn("gauges", gauges::run(app.clone()));
    lifecycle.spawn("locks", locks::run(app.clone()));
    lifecycle.spawn("housekeeping", housekeeping::run(app.clone()));
    watch_over_the_trail(&config.audit, &app, &lifecycle);
    serve(&config, app, &lifecycle).await
}

fn watch_the_database(app: &App, lifecycle: &Lifecycle) {
    lifecycle.spawn(
        "database",
        health::try_database(app.clone(), lifecycle.latch("database")),
    );
    lifecycle.spawn(
        "database_room",
        health::follow_room(app.clone(), lifecycle.soft_latch("database_room")),
    );
}

fn watch_over_the_trail(config: &Audit, app: &App, lifecycle: &Lifecycle) {
    let checkpoints = app.checkpoints.clone();
    let (checkpoint, verify) = (config.checkpoint_interval, config.verify_interval);
    let missed = Arc::new(Notify::new());
    let growing = tree::run(app.clone(), checkpoints.clone(), checkpoint, Arc::clone(&missed));
    lifecycle.spawn("tree", growing);
    let latches = TrailLatches {
        trail: lifecycle.soft_latch("audit_trail"),
        tables: lifecycle.soft_latch("audit_tables"),
    };
    lifecycle.spawn(
        "verifier",
        verifier::run(app.clone(), checkpoints, verify, latches, missed),
    );
}

async fn serve(config: &Config, app: App, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let door = config.certificates.door()?;
    lifecycle.watch_certificate(door.as_ref().and_then(Door::valid_until));
    let listener = TcpListener::bind(config.listen)
        .await
        .context("binding the gRPC address")?;
    if let Some(path) = &config.address_file {
        service::announce(path, listener.local_addr()?)?;
    }
    let (reporter, health_server) = tonic_health::server::health_reporter();
    lifecycle.spawn("health", health::tell(app.clone(), reporter));
    let rpc = Rpc::new(app.clone());
    let methods = RpcMethods::new(METHODS);
    telemetry::metrics::begin_rpc_server(methods);
    let server = Server::builder()
        // Who calls limits itself well before that; a caller gone mad takes only from its own connection.
        .concurrency_limit_per_connection(config.max_calls.get())
        .load_shed(true)
        // A caller that has gone without a word keeps nothing here.
        .http2_keepalive_interval(Some(CALLER_ASKED_EVERY))
        .http2_keepalive_timeout(Some(CALLER_GONE_AFTER))
        .layer(ServerLayer::new(methods))
        .layer(InterceptorLayer::new(RequireServiceToken::new(
            &config.service_token,
        )))
        .add_service(health_server)
        .add_service(RetentionServer::new(rpc.clone()))
        .add_service(SessionsServer::new(rpc.clone()))
        .add_service(ExamsServer::new(rpc.clone()))
        .add_service(CopiesServer::new(rpc.clone()))
        .add_service(AuditServer::new(rpc.clone()))
        .add_service(BatchesServer::new(rpc.clone()))
        .add_service(JobsServer::new(rpc.clone()))
        .add_service(LocksServer::new(rpc.clone()))
        .add_service(AnnotationsServer::new(rpc.clone()))
        .add_service(MarksServer::new(rpc.clone()))
        .add_service(ResultsServer::new(rpc.clone()))
        .add_service(DraftsServer::new(rpc.clone()))
        .add_service(UsersServer::new(rpc.clone()))
        .add_service(StudentsServer::new(rpc.clone()))
        .add_service(IdentitiesServer::new(rpc.clone()))
        .add_service(WorkServer::new(rpc));
    // The parts of an answer do not wait for each other: the other side would confirm each after 40 ms only.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let draining = app.draining.clone().cancelled_owned();
    let serving = lifecycle.latch("grpc");
    serving.ready();
    lifecycle.spawn("grpc", async move {
        let ended = match door {
            None => server.serve_with_incoming_shutdown(incoming, draining).await,
            Some(door) => {
                let admitted = door.admit(incoming);
                server.serve_with_incoming_shutdown(admitted, draining).await
            }
        };
        if ended.is_err() {
            serving.failed();
        }
    });
    Ok(())
}

/// As many passwords at a time as half the cores can check, and at least one.
fn password_slots() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}

fn throttling(config: &Config) -> anyhow::Result<Throttling> {
    let people = &config.people;
    let account = Limits {
        free: people.login_failures,
        window: delta(people.login_window)?,
        first_block: delta(people.first_block)?,
        longest_block: delta(people.longest_block)?,
    };
    let address = Limits {
        free: people.address_failures,
        window: delta(people.address_window)?,
        ..account
    };
    Ok(Throttling {
        account,
        address,
        pepper: config.service_token.clone(),
    })
}

fn delta(duration: Duration) -> anyhow::Result<TimeDelta> {
    TimeDelta::from_std(duration).context("a duration is out of range")
}
