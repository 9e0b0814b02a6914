//! A receiver of traces in the test's own process.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// Keeps every span that is sent to it.
#[derive(Clone, Default)]
pub struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    raw: Arc<Mutex<Vec<u8>>>,
    address: Option<SocketAddr>,
}

/// A span as it arrived.
#[derive(Debug, Clone)]
pub struct Span {
    /// The process that made it.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its kind, by name.
    pub kind: &'static str,
    /// Its trace.
    pub trace: Vec<u8>,
    /// Itself.
    pub id: Vec<u8>,
    /// The span that it continues; empty at the root.
    pub parent: Vec<u8>,
    /// The spans that it links to.
    pub links: Vec<Vec<u8>>,
    /// Its attributes, as text.
    pub attributes: Vec<(String, String)>,
}

impl Collector {
    /// Starts on a free port.
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "a test that cannot go on says so"
    )]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let collector = Self {
            address: Some(address),
            ..Self::default()
        };
        let server =
            tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        collector
    }

    /// Where to send spans.
    #[must_use]
    pub fn url(&self) -> String {
        self.address
            .map(|address| format!("http://{address}"))
            .unwrap_or_default()
    }

    /// Everything that was sent so far, to the last byte.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends it a span of this name, as a service would.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn tell(&self, name: &str) {
        let span = trace::v1::Span {
            name: name.to_owned(),
            ..trace::v1::Span::default()
        };
        let scope = trace::v1::ScopeSpans {
            spans: vec![span],
            ..trace::v1::ScopeSpans::default()
        };
        let resource = trace::v1::ResourceSpans {
            scope_spans: vec![scope],
            ..trace::v1::ResourceSpans::default()
        };
        let client = TraceServiceClient::connect(self.url()).await;
        let request = ExportTraceServiceRequest {
            resource_spans: vec![resource],
        };
        let sent = client.expect("the collector listens").export(request).await;
        sent.expect("the collector takes spans");
    }

    /// The spans so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        let mut raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        raw.extend(request.encode_to_vec());
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        for resource in request.resource_spans {
            let attributes = resource
                .resource
                .map(|resource| texts(resource.attributes))
                .unwrap_or_default();
            let service = attributes.into_iter().find(|(key, _)| key == "service.name");
            let service = service.map(|(_, value)| value).unwrap_or_default();
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(Span {
                    service: service.clone(),
                    name: span.name,
                    kind: kind(span.kind),
                    trace: span.trace_id,
                    id: span.span_id,
                    parent: span.parent_span_id,
                    links: span.links.into_iter().map(|link| link.span_id).collect(),
                    attributes: texts(span.attributes),
                });
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn kind(number: i32) -> &'static str {
    match number {
        1 => "INTERNAL",
        2 => "SERVER",
        3 => "CLIENT",
        4 => "PRODUCER",
        5 => "CONSUMER",
        _ => "UNSPECIFIED",
    }
}

fn texts(attributes: Vec<KeyValue>) -> Vec<(String, String)> {
    attributes
        .into_iter()
        .map(|attribute| {
            let text = match attribute.value.and_then(|value| value.value) {
                Some(any_value::Value::StringValue(text)) => text,
                Some(other) => format!("{other:?}"),
                None => String::new(),
            };
            (attribute.key, text)
        })
        .collect()
}
