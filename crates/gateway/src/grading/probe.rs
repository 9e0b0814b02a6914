//! Asks whether grading answers at all.

use std::time::Duration;

use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::Bare;
use super::broken::Broken;

/// A service that takes longer to say that it is there is not.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether grading answers, takes our service token, and does not call itself unable to serve. Any other
/// answer counts as a yes, also that it has no health service.
pub(crate) async fn probe(channel: &Bare) -> bool {
    let mut client = HealthClient::new(channel.clone());
    let asked = client.check(HealthCheckRequest {
        service: String::new(),
    });
    match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer.into_inner().status() != ServingStatus::NotServing,
        Ok(Err(status)) => Broken::of(&status).is_none() && status.code() != Code::Unauthenticated,
        Err(_elapsed) => false,
    }
}
