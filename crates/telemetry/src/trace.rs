//! Where spans go: to a collector by OTLP, or nowhere. Also without a collector they have ids, so that log
//! lines and outgoing calls of one request belong together.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData,
};

use crate::error::Error;
use crate::metrics::{self, Exported};
use crate::options::Options;

pub(crate) fn provider(options: &Options) -> Result<SdkTracerProvider, Error> {
    let root = Sampler::TraceIdRatioBased(options.sample_ratio.clamp(0.0, 1.0));
    let builder = SdkTracerProvider::builder()
        .with_sampler(Sampler::ParentBased(Box::new(root)))
        .with_resource(resource(options));
    Ok(match &options.otlp_endpoint {
        None => builder.build(),
        Some(endpoint) => builder.with_span_processor(processor(endpoint)?).build(),
    })
}

fn processor(endpoint: &str) -> Result<BatchSpanProcessor, Error> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::NoRuntime);
    }
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(Duration::from_secs(3))
        .build()
        .map_err(Error::Collector)?;
    let exporter = Counted(exporter);
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(8192)
        .with_scheduled_delay(Duration::from_millis(500))
        .build();
    Ok(BatchSpanProcessor::builder(exporter)
        .with_batch_config(batches)
        .build())
}

/// An exporter whose failures are counted: nothing else tells how many spans are missing.
#[derive(Debug)]
struct Counted(SpanExporter);

impl opentelemetry_sdk::trace::SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let outcome = self.0.export(batch).await;
        let result = if outcome.is_ok() {
            Exported::Sent
        } else {
            Exported::Failed
        };
        metrics::spans_exported(result, count);
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn resource(options: &Options) -> Resource {
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.name", options.service.as_str()),
            KeyValue::new("service.namespace", "korrigo"),
            KeyValue::new("service.version", options.version),
            KeyValue::new("service.instance.id", options.instance.clone()),
            KeyValue::new("deployment.environment.name", options.environment.clone()),
            KeyValue::new("vcs.ref.head.revision", options.git_sha),
        ])
        .build()
}
