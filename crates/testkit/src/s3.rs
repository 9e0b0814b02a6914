//! A storage that speaks S3, by a server that is not ours: it checks signatures, and keeps objects as files under their names.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::fs;
use std::path::PathBuf;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const BUCKET: &str = "korrigo";
const KEY_ID: &str = "a-key-for-tests";
const SECRET: &str = "its-secret-for-tests-only";

/// A server with one empty bucket. Dropped, it stops and takes everything with it.
#[derive(Debug)]
pub struct S3 {
    url: String,
    root: TempDir,
    _accepting: JoinSet<()>,
}

impl S3 {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let root = TempDir::new().expect("a directory");
        fs::create_dir(root.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(root.path()).expect("a server");
        let mut server = S3ServiceBuilder::new(files);
        server.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server.build()));
        Self {
            url: format!("http://{address}"),
            root,
            _accepting: accepting,
        }
    }

    /// The settings of whoever keeps blobs there.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("KORRIGO_BLOBS_S3_URL", self.url.clone()),
            ("KORRIGO_BLOBS_S3_BUCKET", BUCKET.to_owned()),
            ("KORRIGO_BLOBS_S3_KEY_ID", KEY_ID.to_owned()),
            ("KORRIGO_BLOBS_S3_SECRET", SECRET.to_owned()),
        ]
    }

    /// A way to the bucket; what is not yet whole is kept in `directory`.
    #[must_use]
    pub fn config(&self, directory: PathBuf) -> blobs::Config {
        blobs::Config {
            directory,
            bucket: Some(blobs::S3 {
                url: self.url.clone(),
                bucket: BUCKET.to_owned(),
                region: "us-east-1".to_owned(),
                key_id: domain::secret::Secret::new(KEY_ID),
                secret: domain::secret::Secret::new(SECRET),
            }),
        }
    }

    /// Where the server keeps what is in the bucket.
    #[must_use]
    pub fn bucket(&self) -> PathBuf {
        self.root.path().join(BUCKET)
    }
}

async fn accept(listener: TcpListener, server: S3Service) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let server = server.clone();
        connections.spawn(async move {
            let connection = Builder::new(TokioExecutor::new());
            // Whoever hangs up has seen enough.
            let _ = connection.serve_connection(TokioIo::new(stream), server).await;
        });
    }
}
