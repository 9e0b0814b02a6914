//! A receiver of reports of errors in the test's own process, which speaks as much of Sentry's protocol as it must.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Keeps every report that is sent to it.
#[derive(Clone)]
pub struct Receiver {
    raw: Arc<Mutex<Vec<u8>>>,
    address: SocketAddr,
}

impl Receiver {
    /// Starts on a free port.
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "a test that cannot go on says so"
    )]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let receiver = Self {
            raw: Arc::default(),
            address: listener.local_addr().expect("an address"),
        };
        let taking = receiver.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let receiver = taking.clone();
                // Who breaks off has said what it has said.
                tokio::spawn(async move { receiver.take(connection).await.ok() });
            }
        });
        receiver
    }

    /// The address that services report to.
    #[must_use]
    pub fn dsn(&self) -> String {
        format!("http://key@{}/1", self.address)
    }

    /// Everything that was sent so far, to the last byte.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends it what a service would not.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn tell(&self, report: Vec<u8>) {
        let post = reqwest::Client::new().post(format!("http://{}/api/1/envelope/", self.address));
        let sent = post.body(report).send().await;
        sent.expect("the receiver listens");
    }

    /// One after the other, however many are on their way at once.
    fn keep(&self, request: &[u8]) {
        let mut raw = self.raw.lock().unwrap_or_else(PoisonError::into_inner);
        raw.extend_from_slice(request);
    }

    /// Takes one request, and says that all is well.
    async fn take(&self, mut connection: TcpStream) -> io::Result<()> {
        let (mut request, mut piece) = (Vec::new(), [0; 4096]);
        while !is_whole(&request) {
            let length = connection.read(&mut piece).await?;
            if length == 0 {
                break;
            }
            request.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
        self.keep(&request);
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        connection.write_all(answer).await
    }
}

/// Whether the head has ended, and as much has come after it as it says.
fn is_whole(request: &[u8]) -> bool {
    let end = request.windows(4).position(|end| end == b"\r\n\r\n");
    let Some((head, rest)) = end.and_then(|end| request.split_at_checked(end)) else {
        return false;
    };
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = announced.and_then(|length| length.trim().parse::<usize>().ok());
    rest.len() >= 4 + length.unwrap_or_default()
}
