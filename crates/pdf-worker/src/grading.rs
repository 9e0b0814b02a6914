//! The grading service, as a worker talks to it.
//!
//! A call that does not get through is repeated until it does, one that is failed at a few times only: the fence makes late and doubled reports
//! harmless, and without a report the work would be lost.

use std::time::Duration;

use anyhow::Context as _;
use contracts::grading as pb;
use contracts::grading::work_client::WorkClient;
use contracts::{Code, METHODS, PresentServiceToken, Problem};
use domain::secret::Secret;
use service::link::Link;
use telemetry::grpc::{ClientLayer, ClientService, RpcMethods};
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};
use tower::Layer as _;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a call is repeated that the other side fails at. One bad job must not keep a slot for ever.
const FAULTS: u32 = 3;
/// The only service that a worker calls.
const SERVICE: &str = "Work";

type Client = WorkClient<ClientService<InterceptedService<Channel, PresentServiceToken>>>;

/// A connection to the grading service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Grading {
    client: Client,
    /// After this, calls are not repeated any more.
    give_up: CancellationToken,
}

impl Grading {
    /// Connects when it is first needed, and again whenever the connection is lost.
    pub(crate) fn new(link: &Link, token: &Secret, give_up: CancellationToken) -> anyhow::Result<Self> {
        let channel = link.channel(DEADLINE, |endpoint| {
            endpoint
                .timeout(DEADLINE)
                .http2_keep_alive_interval(Duration::from_secs(20))
                .keep_alive_while_idle(true)
        });
        let token = PresentServiceToken::new(token).context("the service token has forbidden characters")?;
        let channel = InterceptedService::new(channel, token);
        let methods = RpcMethods::new(METHODS);
        telemetry::metrics::begin_rpc_client(methods.iter().filter(|method| method.service() == SERVICE));
        let channel = ClientLayer::new(methods).layer(channel);
        Ok(Self {
            client: WorkClient::new(channel).max_decoding_message_size(contracts::MAX_MESSAGE),
            give_up,
        })
    }

    pub(crate) async fn claim(&self, request: pb::ClaimRequest) -> Result<pb::ClaimReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.claim(request).await }
        })
        .await
    }

    /// Not repeated: the next sign of life follows anyway.
    pub(crate) async fn heartbeat(
        &self,
        request: pb::HeartbeatRequest,
    ) -> Result<pb::HeartbeatReply, Problem> {
        let answer = self.client.clone().heartbeat(request).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| Problem::from(&status))
    }

    pub(crate) async fn complete_import(
        &self,
        request: pb::CompleteImportRequest,
    ) -> Result<pb::CompleteImportReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.complete_import(request).await }
        })
        .await
    }

    pub(crate) async fn complete_finalize(
        &self,
        request: pb::CompleteFinalizeRequest,
    ) -> Result<pb::CompleteFinalizeReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.complete_finalize(request).await }
        })
        .await
    }

    pub(crate) async fn complete_split(
        &self,
        request: pb::CompleteSplitRequest,
    ) -> Result<pb::CompleteSplitReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.complete_split(request).await }
        })
        .await
    }

    pub(crate) async fn complete_reading(
        &self,
        request: pb::CompleteReadingRequest,
    ) -> Result<pb::CompleteReadingReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.complete_reading(request).await }
        })
        .await
    }

    pub(crate) async fn complete_archive(
        &self,
        request: pb::CompleteArchiveRequest,
    ) -> Result<pb::CompleteArchiveReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.complete_archive(request).await }
        })
        .await
    }

    /// Not repeated: a report that does not get through is kept, and told later.
    pub(crate) async fn fail(&self, request: pb::FailRequest) -> Result<pb::FailReply, Problem> {
        let answer = self.client.clone().fail(request).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| Problem::from(&status))
    }

    /// For a report that cannot be kept.
    pub(crate) async fn insist_on_failure(&self, request: pb::FailRequest) -> Result<pb::FailReply, Problem> {
        self.until_answered(|mut client| {
            let request = request.clone();
            async move { client.fail(request).await }
        })
        .await
    }

    /// Not repeated: if it does not get through, the lease runs out.
    pub(crate) async fn hand_back(&self, request: pb::HandBackRequest) -> Result<pb::HandBackReply, Problem> {
        let answer = self.client.clone().hand_back(request).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| Problem::from(&status))
    }

    /// Not repeated: the next sweep follows anyway.
    pub(crate) async fn find_unreferenced(&self, digests: Vec<String>) -> Result<Vec<String>, Problem> {
        let answer = self
            .client
            .clone()
            .find_unreferenced(pb::FindUnreferencedRequest { digests })
            .await;
        answer
            .map(|reply| reply.into_inner().digests)
            .map_err(|status| Problem::from(&status))
    }

    async fn until_answered<T, F>(&self, call: impl Fn(Client) -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let (mut pause, mut faults) = (FIRST_PAUSE, 0);
        loop {
            let problem = match call(self.client.clone()).await {
                Ok(reply) => return Ok(reply.into_inner()),
                Err(status) => Problem::from(&status),
            };
            faults += u32::from(problem.code == Code::Internal);
            if !may_pass(problem.code) || faults > FAULTS || self.give_up.is_cancelled() {
                return Err(problem);
            }
            // Whether the pause ends by itself or by the end of the process, one more call is made.
            let _ended = self.give_up.run_until_cancelled(tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether the same call may get another answer later.
pub(crate) fn may_pass(code: Code) -> bool {
    // A token that is not accepted is a mistake of the set-up, which somebody will mend; no message is to be
    // lost over it.
    code.is_transient() || matches!(code, Code::Timeout | Code::Internal | Code::Unauthenticated)
}
