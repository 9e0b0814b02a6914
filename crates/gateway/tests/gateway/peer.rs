//! The grading service as the gateway sees it: a small server of the same contract, with fixed answers.
//!
//! It knows one exam, one batch, one copy, one job and, beside those who call, one person. What it was asked is noted.

mod annotations;
mod audit;
mod batches;
mod copies;
mod drafts;
mod exams;
mod identities;
mod jobs;
mod locks;
mod marks;
mod results;
mod retention;
mod sessions;
pub mod students;
mod users;

pub use audit::BROKEN_OFF;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use contracts::grading as pb;
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
use contracts::{Code, Problem, RequireServiceToken};
use domain::secret::Secret;
use prost_types::Timestamp;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::interceptor::InterceptorLayer;
use tonic::transport::Server;
use tonic::{Request, Status};

/// The bearer tokens that it accepts.
pub const ADMIN: &str = "token-of-the-administrator";
pub const TEACHER: &str = "token-of-a-teacher";

pub const USER: &str = "0197c000-0000-7000-8000-0000000000cc";
pub const PUPIL: &str = "0197c000-0000-7000-8000-0000000000e1";
pub const EXAM: &str = "0197c000-0000-7000-8000-00000000000e";
pub const COPY: &str = "0197c000-0000-7000-8000-00000000000c";
pub const BATCH: &str = "0197c000-0000-7000-8000-0000000000ba";
pub const JOB: &str = "0197c000-0000-7000-8000-00000000000b";
pub const ANNOTATION: &str = "0197c000-0000-7000-8000-0000000000a0";

/// The token of the lock of the copy.
pub const LOCK: &str = "token-of-the-lock";

/// The peer. Dropped, it is gone, with all its connections.
pub struct Peer {
    pub known: Known,
    address: SocketAddr,
    /// Keeps the port from everybody else while nobody answers there. It does not listen.
    _port: TcpSocket,
    /// With a runtime of its own, whose end cuts the connections too.
    server: Option<Runtime>,
}

/// What it knows and was asked. Clones share it.
#[derive(Clone)]
pub struct Known(Arc<Inner>);

pub struct Inner {
    /// The method, request id and traceparent of each call.
    pub calls: Mutex<Vec<Call>>,
    /// What is answered to each method instead of the usual, as often as it is called.
    pub refusals: Mutex<HashMap<&'static str, Problem>>,
    /// The methods that are never answered.
    pub hanging: Mutex<Vec<&'static str>>,
    /// The job as it stands; watchers see each change.
    pub job: watch::Sender<pb::Job>,
    /// Where the image of page 0 is.
    pub image: Mutex<Option<pb::PageImage>>,
    /// Where the corrected document is.
    pub document: Mutex<Option<pb::ExportCopyReply>>,
    /// What is on the copy beside the annotation that it knows.
    pub annotations: Mutex<Vec<pb::Annotation>>,
    /// The draft of whoever asks.
    pub draft: Mutex<Option<pb::Draft>>,
    /// Registered uploads by idempotency key.
    pub registered: Mutex<HashMap<String, pb::RegisterCopyRequest>>,
}

/// A call that it got.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: &'static str,
    pub request_id: String,
    pub traceparent: String,
    pub message: String,
}

impl Peer {
    /// One that answers.
    pub fn start() -> Self {
        let mut peer = Self::absent();
        peer.appear();
        peer
    }

    /// An address at which nobody answers yet.
    pub fn absent() -> Self {
        let port = TcpSocket::new_v4().unwrap();
        port.set_reuseaddr(true).unwrap();
        port.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self {
            known: Known::new(),
            address: port.local_addr().unwrap(),
            _port: port,
            server: None,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer.
    pub fn appear(&mut self) {
        let listener = std::net::TcpListener::bind(self.address).unwrap();
        listener.set_nonblocking(true).unwrap();
        self.serve(listener);
    }

    /// Cuts all connections and answers no more.
    pub async fn vanish(&mut self) {
        if let Some(runtime) = self.server.take() {
            tokio::task::spawn_blocking(|| drop(runtime)).await.unwrap();
        }
    }

    fn serve(&mut self, listener: std::net::TcpListener) {
        let token = RequireServiceToken::new(&Secret::new(crate::gateway::SERVICE_TOKEN));
        let router = Server::builder()
            .layer(InterceptorLayer::new(token))
            .add_service(SessionsServer::new(self.known.clone()))
            .add_service(AuditServer::new(self.known.clone()))
            .add_service(RetentionServer::new(self.known.clone()))
            .add_service(UsersServer::new(self.known.clone()))
            .add_service(ExamsServer::new(self.known.clone()))
            .add_service(BatchesServer::new(self.known.clone()))
            .add_service(CopiesServer::new(self.known.clone()))
            .add_service(LocksServer::new(self.known.clone()))
            .add_service(AnnotationsServer::new(self.known.clone()))
            .add_service(MarksServer::new(self.known.clone()))
            .add_service(ResultsServer::new(self.known.clone()))
            .add_service(DraftsServer::new(self.known.clone()))
            .add_service(StudentsServer::new(self.known.clone()))
            .add_service(IdentitiesServer::new(self.known.clone()))
            .add_service(JobsServer::new(self.known.clone()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            router
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        self.server = Some(runtime);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(runtime) = self.server.take() {
            runtime.shutdown_background();
        }
    }
}

impl Known {
    fn new() -> Self {
        let job = pb::Job {
            id: JOB.to_owned(),
            kind: "IMPORT_COPY".to_owned(),
            state: "QUEUED".to_owned(),
            max_attempts: 3,
            copy_id: COPY.to_owned(),
            ..pb::Job::default()
        };
        Self(Arc::new(Inner {
            calls: Mutex::default(),
            refusals: Mutex::default(),
            hanging: Mutex::default(),
            job: watch::Sender::new(job),
            image: Mutex::default(),
            document: Mutex::default(),
            annotations: Mutex::default(),
            draft: Mutex::default(),
            registered: Mutex::default(),
        }))
    }

    /// Answers `method` with this from now on.
    pub fn refuse(&self, method: &'static str, problem: impl Into<Problem>) {
        self.0.refusals.lock().unwrap().insert(method, problem.into());
    }

    /// Where the image of page 0 is.
    pub fn image(&self) -> std::sync::MutexGuard<'_, Option<pb::PageImage>> {
        self.0.image.lock().unwrap()
    }

    /// Where the corrected document is.
    pub fn document(&self) -> std::sync::MutexGuard<'_, Option<pb::ExportCopyReply>> {
        self.0.document.lock().unwrap()
    }

    /// Changes the job; watchers see it.
    pub fn advance(&self, change: impl FnOnce(&mut pb::Job)) {
        self.0.job.send_modify(|job| {
            change(job);
            job.revision += 1;
        });
    }

    /// Never answers `method` from now on.
    pub fn hang(&self, method: &'static str) {
        self.0.hanging.lock().unwrap().push(method);
    }

    async fn hangs(&self, method: &'static str) {
        if self.0.hanging.lock().unwrap().contains(&method) {
            std::future::pending::<()>().await;
        }
    }

    /// The calls of `method` so far.
    pub fn calls(&self, method: &str) -> Vec<Call> {
        let calls = self.0.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.method == method)
            .cloned()
            .collect()
    }

    /// Notes a call; the session's token, or the refusal.
    fn asked<M: std::fmt::Debug>(
        &self,
        method: &'static str,
        request: &Request<M>,
    ) -> Result<String, Status> {
        let text = |key: &str| {
            let value = request.metadata().get(key).map(|value| value.to_str().unwrap());
            value.unwrap_or_default().to_owned()
        };
        self.0.calls.lock().unwrap().push(Call {
            method,
            request_id: text("x-request-id"),
            traceparent: text("traceparent"),
            message: format!("{:?}", request.get_ref()),
        });
        if let Some(problem) = self.0.refusals.lock().unwrap().get(method) {
            return Err(problem.clone().into());
        }
        Ok(text("authorization"))
    }

    /// The same for what needs a session.
    fn signed<M: std::fmt::Debug>(
        &self,
        method: &'static str,
        request: &Request<M>,
    ) -> Result<pb::User, Status> {
        let token = self.asked(method, request)?;
        let (role, id) = match token.strip_prefix("Bearer ") {
            Some(ADMIN) => ("ADMIN", "0197c000-0000-7000-8000-0000000000aa"),
            Some(TEACHER) => ("TEACHER", "0197c000-0000-7000-8000-0000000000bb"),
            Some(_) | None => return Err(Problem::of(Code::Unauthenticated).into()),
        };
        Ok(pb::User {
            id: id.to_owned(),
            role: role.to_owned(),
            display_name: "Camille Exemple".to_owned(),
            must_change_password: false,
        })
    }
}

/// Refuses what is not there.
fn only(expected: &str, id: &str) -> Result<(), Status> {
    if id == expected {
        Ok(())
    } else {
        Err(Problem::of(Code::NotFound).into())
    }
}

/// Refuses who does not show the token of the lock.
fn holding(lock_token: &str) -> Result<(), Status> {
    match lock_token {
        LOCK => Ok(()),
        "" => Err(Problem::of(Code::LockRequired).into()),
        _ => Err(Problem::of(Code::TokenMismatch).into()),
    }
}

/// A moment, so many seconds after all others.
fn moment(later: i64) -> Timestamp {
    Timestamp {
        seconds: 1_781_512_200 + later,
        nanos: 0,
    }
}
