//! The grading service as a worker sees it: a small server of the same contract. It grants every claim, and
//! what it was told is noted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use contracts::grading as pb;
use contracts::grading::claim_reply::Answer;
use contracts::grading::work_server::{Work, WorkServer};
use contracts::{Code, Problem, RequireServiceToken};
use domain::JobId;
use domain::secret::Secret;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::interceptor::InterceptorLayer;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use crate::harness::SERVICE_TOKEN;

/// The peer. It can vanish, with all its connections, and appear again at the same address.
pub(crate) struct Peer {
    pub(crate) known: Known,
    address: SocketAddr,
    /// Keeps the port from everybody else while nobody answers there. It does not listen.
    _port: TcpSocket,
    /// With a runtime of its own, whose end cuts the connections too.
    server: Option<Runtime>,
}

/// What it knows and was told. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Known(Arc<Mutex<Inner>>);

#[derive(Default)]
pub(crate) struct Inner {
    /// What jobs are about.
    pub(crate) inputs: HashMap<String, pb::granted::Input>,
    pub(crate) claims: Vec<String>,
    pub(crate) completions: Vec<pb::CompleteImportRequest>,
    pub(crate) archives: Vec<pb::CompleteArchiveRequest>,
    pub(crate) failures: Vec<pb::FailRequest>,
    /// How pages are answered.
    pub(crate) completing: Completing,
    /// How failures are answered.
    pub(crate) failing: Completing,
    /// The jobs that a sign of life is told to be lost.
    pub(crate) lost: Vec<String>,
}

/// What happens to a report.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Completing {
    #[default]
    Accept,
    /// Somebody else has the job.
    Refuse,
    /// It fails at so many more, and accepts then.
    Break(u32),
    /// It gives no answer.
    Hang,
    /// It is not understood, and never will be.
    Reject,
}

impl Peer {
    /// An address at which nobody answers yet.
    pub(crate) fn absent() -> Self {
        let port = TcpSocket::new_v4().expect("a socket");
        port.set_reuseaddr(true).expect("a port may be shared");
        port.bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        Self {
            known: Known::default(),
            address: port.local_addr().expect("a port has an address"),
            _port: port,
            server: None,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer.
    pub(crate) fn appear(&mut self) {
        let listener = std::net::TcpListener::bind(self.address).expect("the port is still free");
        listener.set_nonblocking(true).expect("a listener can wait");
        let token = RequireServiceToken::new(&Secret::new(SERVICE_TOKEN));
        let router = Server::builder()
            .layer(InterceptorLayer::new(token))
            .add_service(WorkServer::new(self.known.clone()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener of the runtime");
            let served = router.serve_with_incoming(TcpListenerStream::new(listener));
            served.await.expect("the peer serves");
        });
        self.server = Some(runtime);
    }

    /// Cuts all connections and answers no more.
    pub(crate) async fn vanish(&mut self) {
        if let Some(runtime) = self.server.take() {
            let gone = tokio::task::spawn_blocking(|| drop(runtime)).await;
            gone.expect("the runtime ends");
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(runtime) = self.server.take() {
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    /// Notes pages and says how they are answered.
    fn delivered(&mut self, told: pb::CompleteImportRequest) -> Completing {
        self.completions.push(told);
        self.completing.next()
    }

    /// Notes a failure and says how it is answered.
    fn failed(&mut self, told: pb::FailRequest) -> Completing {
        self.failures.push(told);
        self.failing.next()
    }
}

impl Completing {
    fn next(&mut self) -> Self {
        let now = *self;
        if let Self::Break(times) = self {
            *times = times.saturating_sub(1);
        }
        now
    }

    /// Whether the report counts.
    async fn answer(self) -> Result<bool, Status> {
        match self {
            Self::Accept | Self::Break(0) => Ok(true),
            Self::Refuse => Ok(false),
            Self::Break(_) => Err(Problem::of(Code::Internal).into()),
            Self::Reject => Err(Problem::of(Code::NotFound).into()),
            Self::Hang => std::future::pending().await,
        }
    }
}

impl Known {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("nobody panics with it")
    }

    /// How often a job was claimed.
    pub(crate) fn claims(&self, job: JobId) -> usize {
        let job = job.to_string();
        self.lock()
            .claims
            .iter()
            .filter(|claimed| **claimed == job)
            .count()
    }

    /// The pages that were delivered for a job, each time.
    pub(crate) fn completions(&self, job: JobId) -> Vec<pb::CompleteImportRequest> {
        let job = job.to_string();
        let told = self.lock().completions.clone();
        told.into_iter().filter(|told| told.job_id == job).collect()
    }

    /// The failures that were reported of a job.
    pub(crate) fn failures(&self, job: JobId) -> Vec<pb::FailRequest> {
        let job = job.to_string();
        let told = self.lock().failures.clone();
        told.into_iter().filter(|told| told.job_id == job).collect()
    }
}

#[tonic::async_trait]
impl Work for Known {
    async fn claim(&self, request: Request<pb::ClaimRequest>) -> Result<Response<pb::ClaimReply>, Status> {
        let job = request.into_inner().job_id;
        let mut known = self.lock();
        let input = known.inputs.get(&job).cloned();
        known.claims.push(job);
        let fence = i64::try_from(known.claims.len()).expect("few claims");
        let answer = Answer::Granted(pb::Granted {
            fence,
            attempt: 1,
            // A sign of life is given three times in this.
            lease_milliseconds: 300,
            input,
        });
        Ok(Response::new(pb::ClaimReply { answer: Some(answer) }))
    }

    async fn heartbeat(
        &self,
        request: Request<pb::HeartbeatRequest>,
    ) -> Result<Response<pb::HeartbeatReply>, Status> {
        let lost = self.lock().lost.contains(&request.get_ref().job_id);
        Ok(Response::new(pb::HeartbeatReply { lost }))
    }

    async fn complete_import(
        &self,
        request: Request<pb::CompleteImportRequest>,
    ) -> Result<Response<pb::CompleteImportReply>, Status> {
        let completing = self.lock().delivered(request.into_inner());
        let accepted = completing.answer().await?;
        Ok(Response::new(pb::CompleteImportReply { accepted }))
    }

    async fn complete_finalize(
        &self,
        _request: Request<pb::CompleteFinalizeRequest>,
    ) -> Result<Response<pb::CompleteFinalizeReply>, Status> {
        // This peer only has documents to import.
        Err(Problem::of(Code::Internal).into())
    }

    async fn complete_reading(
        &self,
        _request: Request<pb::CompleteReadingRequest>,
    ) -> Result<Response<pb::CompleteReadingReply>, Status> {
        Err(Problem::of(Code::Internal).into())
    }

    async fn complete_split(
        &self,
        _request: Request<pb::CompleteSplitRequest>,
    ) -> Result<Response<pb::CompleteSplitReply>, Status> {
        // This peer only has documents to import.
        Err(Problem::of(Code::Internal).into())
    }

    async fn complete_archive(
        &self,
        request: Request<pb::CompleteArchiveRequest>,
    ) -> Result<Response<pb::CompleteArchiveReply>, Status> {
        self.lock().archives.push(request.into_inner());
        Ok(Response::new(pb::CompleteArchiveReply { accepted: true }))
    }

    async fn fail(&self, request: Request<pb::FailRequest>) -> Result<Response<pb::FailReply>, Status> {
        let failing = self.lock().failed(request.into_inner());
        let accepted = failing.answer().await?;
        let will_retry = accepted;
        Ok(Response::new(pb::FailReply { accepted, will_retry }))
    }

    async fn hand_back(
        &self,
        _request: Request<pb::HandBackRequest>,
    ) -> Result<Response<pb::HandBackReply>, Status> {
        Ok(Response::new(pb::HandBackReply { accepted: true }))
    }

    async fn find_unreferenced(
        &self,
        _request: Request<pb::FindUnreferencedRequest>,
    ) -> Result<Response<pb::FindUnreferencedReply>, Status> {
        let digests = Vec::new();
        Ok(Response::new(pb::FindUnreferencedReply { digests }))
    }
}
