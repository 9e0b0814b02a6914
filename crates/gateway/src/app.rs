//! Puts the gateway together.

use anyhow::Context as _;
use blobs::Blobs;
use contracts::PresentServiceToken;
use domain::Ids;
use service::Lifecycle;
use telemetry::metrics::Volume;

use crate::admission::Admission;
use crate::bodies::Bodies;
use crate::config::Config;
use crate::cookie::Cookies;
use crate::csrf::Origins;
use crate::grading::{self, Grading};
use crate::health::Health;
use crate::openapi;
use crate::proxies::Proxies;
use crate::server;
use crate::state::State;
use crate::upload::{Reserve, Uploads};

/// Starts everything. Returns when HTTP is being served.
pub async fn build(config: Config, lifecycle: Lifecycle) -> anyhow::Result<()> {
    telemetry::metrics::begin_routes(openapi::answers());
    telemetry::metrics::begin_rpc_client(grading::METHODS.iter());
    let token = PresentServiceToken::new(&config.service_token);
    let token = token.context("KORRIGO_SERVICE_TOKEN has characters that cannot be sent")?;
    let link = config.grading.link()?;
    lifecycle.watch_certificate(link.valid_until());
    let channel = grading::connect(&link, token);
    let place = config.blobs()?;
    let blobs = Blobs::open(&place).context("opening the blob store")?;
    if place.bucket.is_none() {
        lifecycle.watch_volume(Volume::Blobs, place.directory);
    }
    let health = Health::default();
    lifecycle.spawn(
        "health",
        health.clone().watch(channel.clone(), blobs.clone(), &lifecycle),
    );
    let state = State {
        grading: Grading::new(
            grading::observed(channel),
            config.grading_timeout,
            config.grading_bulk_timeout,
        ),
        blobs,
        uploads: Uploads::new(
            config.max_upload_bytes,
            config.max_concurrent_uploads.get(),
            Reserve(config.blobs_reserve),
        ),
        admission: Admission::new(config.places()),
        bodies: Bodies::new(config.max_json_bytes),
        health,
        ids: Ids::time_ordered(),
        cookies: Cookies {
            insecure: config.insecure_cookies,
        },
        origins: Origins::new(config.allowed_origins.clone()),
        proxies: Proxies {
            trusted: config.trusted_proxies.clone(),
            header: config.proxy_header,
        },
        timeouts: config.timeouts(),
        pace: config.pace(),
        metrics_token: config.metrics_token.as_ref().map(domain::secret::Secret::digest),
        trust_traceparent: config.trust_traceparent,
        lifecycle: lifecycle.clone(),
    };
    server::start(&config, state, &lifecycle)
}
