//! Where spans go: to a collector by OTLP, or nowhere. Also without a collector they have ids, so that log
//! lines and outgoing calls of one request belong together.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};

use crate::error::Error;
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
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(8192)
        .with_scheduled_delay(Duration::from_millis(500))
        .build();
    Ok(BatchSpanProcessor::builder(exporter)
        .with_batch_config(batches)
        .build())
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
