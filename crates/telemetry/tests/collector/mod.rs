//! A trace collector in the test process. It takes OTLP over gRPC, and is also the service that the test
//! calls to see spans on both sides of a call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use telemetry::grpc::{ClientLayer, RpcMethods, ServerLayer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};
use tower::Layer as _;

/// The only method of the collector.
pub const METHOD: &str = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The methods of the collector.
pub const METHODS: RpcMethods = RpcMethods::new(&[METHOD]);

/// A span as it was received.
#[derive(Debug, Clone)]
pub struct Received {
    pub name: String,
    pub kind: String,
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub links: Vec<String>,
    pub failed: bool,
    pub events: usize,
    attributes: BTreeMap<String, String>,
    resource: BTreeMap<String, String>,
}

impl Received {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    pub fn attribute_names(&self) -> Vec<&str> {
        self.attributes.keys().map(String::as_str).collect()
    }

    pub fn resource(&self, name: &str) -> &str {
        self.resource.get(name).map_or("", String::as_str)
    }
}

/// The collector, as long as it lives.
pub struct Collector {
    port: u16,
    received: Spans,
    _server: JoinSet<()>,
}

type Spans = Arc<Mutex<Vec<Received>>>;

impl Collector {
    pub async fn start(layer: ServerLayer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Spans::default();
        let service = TraceServiceServer::new(Inbox(Arc::clone(&received)));
        let mut server = JoinSet::new();
        server.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            Server::builder()
                .layer(layer)
                .add_service(service)
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
        Self {
            port,
            received,
            _server: server,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All spans so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The spans of a trace, once there are `count`.
    pub fn wait_for(&self, trace: &str, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let mut spans = self.received();
            spans.retain(|span| span.trace == trace);
            if spans.len() >= count {
                return spans;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "only {spans:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Calls the collector with an empty export.
pub async fn call(url: &str, layer: ClientLayer) {
    let channel = Channel::from_shared(url.to_owned())
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut client = TraceServiceClient::new(layer.layer(channel));
    client.export(ExportTraceServiceRequest::default()).await.unwrap();
}

struct Inbox(Spans);

#[tonic::async_trait]
impl TraceService for Inbox {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for of_resource in request.into_inner().resource_spans {
            let resource = texts(of_resource.resource.unwrap_or_default().attributes);
            let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.0.lock().unwrap().extend(spans.map(|span| {
                Received {
                    kind: format!("{:?}", span.kind()).to_uppercase(),
                    failed: span
                        .status
                        .as_ref()
                        .is_some_and(|status| status.code() == StatusCode::Error),
                    events: span.events.len(),
                    trace: hex(&span.trace_id),
                    id: hex(&span.span_id),
                    parent: hex(&span.parent_span_id),
                    links: span.links.iter().map(|link| hex(&link.span_id)).collect(),
                    attributes: texts(span.attributes),
                    name: span.name,
                    resource: resource.clone(),
                }
            }));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    attributes
        .into_iter()
        .map(|attribute| (attribute.key, text(attribute.value)))
        .collect()
}

fn text(value: Option<AnyValue>) -> String {
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
