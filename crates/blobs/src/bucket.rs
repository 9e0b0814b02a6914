//! Objects in a bucket of a storage that speaks S3: names, and the requests for them.
//!
//! What is written appears whole or not at all: in one request, or when the last of its parts is confirmed. Nothing can
//! be renamed there. So what the sweeper puts aside is copied before it is deleted, and stays aside until it is as old
//! as any object that may be deleted: whoever has written the same bytes in between refers to them by then.

use std::error::Error as _;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use domain::Digest;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    BackoffConfig, GetOptions, GetResult, MultipartUpload, ObjectMeta, ObjectStore as _, ObjectStoreExt as _,
    PutPayload, RetryConfig,
};
use tokio::time::timeout;

use crate::S3;
use crate::disk::{Found, if_there};
use crate::https::Connections;
use crate::name::{OBJECTS, object_name};

/// Larger objects are sent in parts of this size, which is the least that S3 allows.
const PART: u64 = 5 * 1024 * 1024;
/// How long a request may take with all its repetitions.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long an object may be looked for: people at desks wait for it. Its bytes have their own time.
const SEARCH: Duration = Duration::from_secs(10);
/// How long one may take whose answer only says how things are.
const GLANCE: Duration = Duration::from_secs(3);
const RETRIES: RetryConfig = RetryConfig {
    backoff: BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(5),
        base: 2.0,
    },
    max_retries: 3,
    retry_timeout: Duration::from_secs(20),
};
/// The first part of the names of objects that were put aside.
const SWEPT: &str = "swept";
/// Nothing has a name that begins like this.
const NOTHING: &str = "nothing";

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    store: AmazonS3,
    /// A directory for what is not yet whole, which need not be there.
    incoming: PathBuf,
}

impl Bucket {
    /// Opens a bucket, without asking whether it is there.
    pub(crate) fn open(s3: &S3, incoming: PathBuf) -> io::Result<Self> {
        let connections = Connections::to(&s3.url).map_err(io::Error::other)?;
        let store = AmazonS3Builder::new()
            .with_endpoint(&s3.url)
            .with_allow_http(true)
            .with_bucket_name(&s3.bucket)
            .with_region(&s3.region)
            .with_access_key_id(s3.key_id.expose())
            .with_secret_access_key(s3.secret.expose())
            .with_retry(RETRIES)
            .with_http_connector(connections)
            .build()
            .map_err(|error| cause(&error))?;
        Ok(Self { store, incoming })
    }

    /// A new file for an upload. It has no name: nothing is left of it when it is dropped, or the process killed. It blocks.
    ///
    /// Its directory is made here, and not when the bucket is opened: who only reads may have no place to write.
    pub(crate) fn create(&self) -> io::Result<File> {
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700).create(&self.incoming)?;
        tempfile::tempfile_in(&self.incoming)
    }

    /// Sends the bytes of `file` and gives them their final name. An object that exists is replaced, which makes it
    /// young again.
    pub(crate) async fn publish(&self, file: File, size: u64, digest: &Digest) -> io::Result<()> {
        let path = object(digest);
        let (file, part) = blocking(move || {
            let mut file = file;
            file.rewind()?;
            next_part(file)
        })
        .await?;
        if size <= PART {
            return within(self.store.put(&path, part)).await.map(drop);
        }
        let mut upload = within(self.store.put_multipart(&path)).await?;
        let sent = send(&mut *upload, file, part).await;
        if sent.is_err() {
            // What matters is why it failed, not whether its remains could be removed.
            let _ = within(upload.abort()).await;
        }
        sent
    }

    /// The size of an object and its bytes, as they arrive.
    pub(crate) async fn read(
        &self,
        digest: &Digest,
    ) -> io::Result<(u64, BoxStream<'static, io::Result<Bytes>>)> {
        let found = self.find(digest, GetOptions::new()).await?;
        let size = found.meta.size;
        Ok((size, found.into_stream().map_err(|error| cause(&error)).boxed()))
    }

    /// Whether there is such an object.
    pub(crate) async fn exists(&self, digest: &Digest) -> io::Result<bool> {
        let found = self.find(digest, GetOptions::new().with_head(true)).await;
        if_there(found.map(drop)).map(|found| found.is_some())
    }

    /// Asks for something that is not there, which shows that the bucket is.
    pub(crate) async fn probe(&self) -> io::Result<()> {
        let nothing = Path::from(NOTHING);
        let listed = within(self.store.list_with_delimiter(Some(&nothing)));
        timeout(GLANCE, listed).await?.map(drop)
    }

    /// The objects whose digest begins with `first`.
    pub(crate) async fn objects(&self, first: u8) -> io::Result<Vec<Found<Digest>>> {
        self.list(&Path::from_iter([OBJECTS, &format!("{first:02x}")]))
            .await
    }

    /// The objects that are put aside, and since when.
    pub(crate) async fn aside(&self) -> io::Result<Vec<Found<Digest>>> {
        self.list(&Path::from(SWEPT)).await
    }

    /// Moves an object aside if it was last written before `limit`. It can still be read. `false` if it was not.
    pub(crate) async fn put_aside(&self, digest: &Digest, limit: SystemTime) -> io::Result<bool> {
        let (path, aside) = (object(digest), swept(digest));
        if if_there(within(self.store.copy(&path, &aside)).await)?.is_none() {
            return Ok(false);
        }
        let found = if_there(within(self.store.head(&path)).await)?;
        if found.is_some_and(|found| SystemTime::from(found.last_modified) > limit) {
            // The copy stays until it is decided about: another sweeper may be about to delete what it was made of.
            return Ok(false);
        }
        self.delete(&path).await?;
        Ok(true)
    }

    /// Moves an object back.
    pub(crate) async fn put_back(&self, digest: &Digest) -> io::Result<()> {
        let aside = swept(digest);
        // If it is gone, somebody else has decided about it.
        if_there(within(self.store.copy(&aside, &object(digest))).await)?;
        self.delete(&aside).await
    }

    /// Deletes an object that was put aside.
    pub(crate) async fn delete_aside(&self, digest: &Digest) -> io::Result<()> {
        self.delete(&swept(digest)).await
    }

    async fn delete(&self, path: &Path) -> io::Result<()> {
        if_there(within(self.store.delete(path)).await).map(drop)
    }

    /// Looks under the final name, then aside, then again under the final name: the sweeper may have just put it back.
    async fn find(&self, digest: &Digest, options: GetOptions) -> io::Result<GetResult> {
        timeout(SEARCH, self.find_anywhere(digest, options)).await?
    }

    async fn find_anywhere(&self, digest: &Digest, options: GetOptions) -> io::Result<GetResult> {
        for place in [object(digest), swept(digest)] {
            let found = within(self.store.get_opts(&place, options.clone())).await;
            if let Some(found) = if_there(found)? {
                return Ok(found);
            }
        }
        within(self.store.get_opts(&object(digest), options)).await
    }

    async fn list(&self, below: &Path) -> io::Result<Vec<Found<Digest>>> {
        let mut listed = self.store.list(Some(below));
        let mut found = Vec::new();
        while let Some(object) = within(listed.try_next()).await? {
            found.extend(ours(&object));
        }
        Ok(found)
    }
}

/// Sends the first part and all that follow.
async fn send(upload: &mut dyn MultipartUpload, mut file: File, mut part: PutPayload) -> io::Result<()> {
    while part.content_length() > 0 {
        within(upload.put_part(part)).await?;
        (file, part) = blocking(move || next_part(file)).await?;
    }
    within(upload.complete()).await.map(drop)
}

fn next_part(mut file: File) -> io::Result<(File, PutPayload)> {
    let mut part = Vec::new();
    (&mut file).take(PART).read_to_end(&mut part)?;
    Ok((file, part.into()))
}

/// The object, if its name is a digest. Others are not ours.
fn ours(object: &ObjectMeta) -> Option<Found<Digest>> {
    Some(Found {
        name: object.location.filename()?.parse().ok()?,
        size: object.size,
        modified: object.last_modified.into(),
    })
}

fn object(digest: &Digest) -> Path {
    Path::from(object_name(digest))
}

fn swept(digest: &Digest) -> Path {
    Path::from_iter([SWEPT, &digest.to_string()])
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

async fn within<T>(request: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
    let answer = timeout(PATIENCE, request).await?;
    answer.map_err(|error| cause(&error))
}

/// What an error is. Its words are left out: they quote names and addresses.
fn cause(error: &object_store::Error) -> io::Error {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    if matches!(error, NotFound { .. }) {
        return io::ErrorKind::NotFound.into();
    }
    if matches!(error, PermissionDenied { .. } | Unauthenticated { .. }) {
        return io::ErrorKind::PermissionDenied.into();
    }
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let mut kinds = causes.filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    kinds.next().unwrap_or(io::ErrorKind::Other).into()
}
