//! Server-sent events: how they are written, and streams of them that one task produces.

use std::convert::Infallible;
use std::future::Future;

use bytes::Bytes;
use futures::channel::mpsc;
use futures::{SinkExt as _, Stream, StreamExt as _, stream};

/// The media type.
pub(crate) const MEDIA_TYPE: &str = "text/event-stream";

/// What is sent while nothing happens, so that proxies and browsers keep the connection.
const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// How soon a browser should come back after the connection broke.
const RETRY: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// Where a task puts what the client is to get.
pub(crate) struct Sender(mpsc::Sender<Bytes>);

/// The client went away.
pub(crate) struct Gone;

impl Sender {
    /// An event. `data` is one line of JSON.
    pub(crate) async fn event(&mut self, id: i64, name: &'static str, data: &str) -> Result<(), Gone> {
        self.send(Bytes::from(format!("id: {id}\nevent: {name}\ndata: {data}\n\n")))
            .await
    }

    /// A comment.
    pub(crate) async fn heartbeat(&mut self) -> Result<(), Gone> {
        self.send(HEARTBEAT).await
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Gone> {
        self.0.send(bytes).await.map_err(|_closed| Gone)
    }
}

/// The stream of what `produce` sends. It runs as part of the stream: when the client goes, it is dropped,
/// and when it returns, the stream ends. It keeps the request and the span that are current now.
pub(crate) fn stream<F>(produce: impl FnOnce(Sender) -> F) -> impl Stream<Item = Result<Bytes, Infallible>>
where
    F: Future<Output = ()>,
{
    let (sender, receiver) = mpsc::channel(0);
    let work = telemetry::context::carry(produce(Sender(sender)));
    let work = stream::once(work).filter_map(|()| async { None });
    let events = stream::once(async { RETRY }).chain(stream::select(receiver, work));
    events.map(Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_begins_with_the_retry_time_and_ends_with_its_task() {
        let sent = stream(|mut sender| async move {
            let _ = sender.event(7, "job", "{}").await;
            let _ = sender.heartbeat().await;
        });
        let pieces: Vec<_> = sent.map(Result::unwrap_or_default).collect().await;
        assert_eq!(
            pieces.concat(),
            b"retry: 2000\n\nid: 7\nevent: job\ndata: {}\n\n: still here\n\n"
        );
    }
}
