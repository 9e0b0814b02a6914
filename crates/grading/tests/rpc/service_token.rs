//! No call is even looked at without the token by which the services know each other.

use contracts::{Code, METHODS, PresentServiceToken, Problem};
use domain::SessionToken;
use domain::secret::Secret;
use tonic::client::Grpc;
use tonic::service::Interceptor as _;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use crate::harness::{Grading, SERVICE_TOKEN, signed};

#[tokio::test]
async fn every_method_is_refused_without_the_token_and_heard_with_it() {
    let grading = Grading::start().await;
    let registered = grading.registered().await;
    let health = "grpc.health.v1.Health/Check";
    for method in METHODS.iter().copied().chain([health]) {
        // One of the methods ends the session that it is called with.
        let session = SessionToken::random();
        grading.open_session(&session).await;
        for wrong in [None, Some(""), Some("the-token-of-nobody-here")] {
            let heard = call(grading.channel(), method, &session, wrong).await;
            assert_eq!(heard, Err(Code::Unauthenticated), "{method} {wrong:?}");
        }
        let heard = call(grading.channel(), method, &session, Some(SERVICE_TOKEN)).await;
        assert_ne!(heard, Err(Code::Unauthenticated), "{method}");
        assert_ne!(heard, Err(Code::Internal), "{method}");
    }
    let job = grading.job(&registered.job_id).await;
    assert_eq!((job.state.as_str(), job.revision), ("QUEUED", 1));
}

/// Calls `method` with an empty message.
async fn call(
    channel: Channel,
    method: &str,
    session: &SessionToken,
    token: Option<&str>,
) -> Result<(), Code> {
    let mut request = signed((), session.expose());
    if let Some(token) = token {
        let mut token = PresentServiceToken::new(&Secret::new(token)).expect("a plain token");
        request = token.call(request).expect("the token is added");
    }
    let path = format!("/{method}").parse().expect("a path");
    let mut client = Grpc::new(channel);
    client.ready().await.expect("the service answers");
    let answer = client.unary(request, path, ProstCodec::<(), ()>::default()).await;
    answer.map(drop).map_err(|status| Problem::from(&status).code)
}
