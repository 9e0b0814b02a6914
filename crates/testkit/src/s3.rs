//! A storage that speaks S3, by a server that is not ours: it checks signatures. One in the process of the test keeps objects as
//! files under their names, which a test can look at and alter; `KORRIGO_TEST_S3_URL` names another.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::fs;
use std::path::PathBuf;

use domain::Ids;
use domain::secret::Secret;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::environment::{said, tool};

const REGION: &str = "us-east-1";
const KEY_ID: &str = "a-key-for-tests";
const SECRET: &str = "its-secret-for-tests-only";

/// A bucket of a test, with nothing in it at first.
#[derive(Debug)]
pub struct S3 {
    url: String,
    bucket: String,
    /// What of it is in this process.
    server: Option<Server>,
}

/// A server. Dropped, it stops and takes everything with it.
#[derive(Debug)]
struct Server {
    root: TempDir,
    _accepting: JoinSet<()>,
}

impl S3 {
    /// One of a server in this process.
    pub async fn start() -> Self {
        let bucket = "korrigo".to_owned();
        let root = TempDir::new().expect("a directory");
        fs::create_dir(root.path().join(&bucket)).expect("a bucket");
        let files = FileSystem::new(root.path()).expect("a server");
        let mut server = S3ServiceBuilder::new(files);
        server.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server.build()));
        Self {
            url: format!("http://{address}"),
            bucket,
            server: Some(Server {
                root,
                _accepting: accepting,
            }),
        }
    }

    /// One of the server that the environment names, if it names one. Nobody can look behind its back.
    pub async fn anywhere() -> Self {
        let Some(url) = said("KORRIGO_TEST_S3_URL") else {
            return Self::start().await;
        };
        let storage = Self {
            url,
            bucket: format!("korrigo-{}", Ids::time_ordered().next::<Uuid>()),
            server: None,
        };
        storage.make();
        storage
    }

    /// Makes the bucket. Blobs only use one that is there, so it is done by somebody else.
    fn make(&self) {
        let made = tool("curl", "curl")
            .args(["--silent", "--fail", "--request", "PUT", "--header"])
            .arg("x-amz-content-sha256: UNSIGNED-PAYLOAD")
            .args(["--aws-sigv4", &format!("aws:amz:{REGION}:s3")])
            .args(["--user", &format!("{KEY_ID}:{SECRET}")])
            .arg(format!("{}/{}", self.url, self.bucket))
            .status();
        assert!(made.expect("curl runs").success(), "there is a bucket");
    }

    /// The settings of whoever keeps blobs there.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("KORRIGO_BLOBS_S3_URL", self.url.clone()),
            ("KORRIGO_BLOBS_S3_BUCKET", self.bucket.clone()),
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
                bucket: self.bucket.clone(),
                region: REGION.to_owned(),
                key_id: Secret::new(KEY_ID),
                secret: Secret::new(SECRET),
            }),
        }
    }

    /// Where the server in this process keeps what is in the bucket.
    #[must_use]
    pub fn bucket(&self) -> PathBuf {
        let server = self.server.as_ref().expect("a server in this process");
        server.root.path().join(&self.bucket)
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
