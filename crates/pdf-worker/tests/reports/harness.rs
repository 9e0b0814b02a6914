//! A worker process with a broker and a peer of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use blobs::Blobs;
use broker::{IMPORT_QUEUE, Message, Publisher, State, Topology};
use contracts::{grading as pb, jobs};
use domain::{CopyId, Digest, Ids, JobId};
use tempfile::TempDir;
use testkit::{BrokerUser, Logged, TestBroker, eventually};
use tokio::task::JoinSet;

use crate::peer::Peer;

/// The token that the worker and its peer share.
pub(crate) const SERVICE_TOKEN: &str = "the-token-of-the-services";

pub(crate) struct Bench {
    pub(crate) peer: Peer,
    pub(crate) broker: TestBroker,
    /// What the worker logs.
    pub(crate) logged: Logged,
    ids: Ids,
    home: TempDir,
    blobs: Blobs,
    publisher: Publisher,
    worker: Child,
    _publishing: JoinSet<()>,
}

impl Bench {
    /// With a peer that answers.
    pub(crate) async fn start() -> Self {
        let mut bench = Self::without_peer().await;
        bench.peer.appear();
        bench
    }

    /// With a peer that is not there yet.
    pub(crate) async fn without_peer() -> Self {
        let (peer, broker) = (Peer::absent(), TestBroker::create().await);
        let home = tempfile::tempdir().expect("a directory");
        let directory = home.path().join("blobs");
        let config =
            broker::Config::new(&broker.url(BrokerUser::Grading), None, "report tests").expect("an AMQP URL");
        let (publisher, publish) = Publisher::new(config, Topology::korrigo());
        let mut publishing = JoinSet::new();
        publishing.spawn(publish);
        State::connected(publisher.state())
            .await
            .expect("the topology is right");
        let worker = worker(home.path(), &peer, &broker);
        Self {
            blobs: Blobs::open(&blobs::Config::directory(&directory)).expect("the blobs can be opened"),
            ids: Ids::time_ordered(),
            peer,
            broker,
            logged: Logged::into_file(home.path().join("logs/pdf-worker.log")),
            home,
            publisher,
            worker,
            _publishing: publishing,
        }
    }

    /// A job to import this document, and its message.
    pub(crate) async fn import(&self, document: Vec<u8>) -> JobId {
        let stored = self.blobs.put(document).await.expect("the document is stored");
        self.announce(stored.digest).await
    }

    /// A job to import what has this digest, and its message.
    pub(crate) async fn announce(&self, source: Digest) -> JobId {
        let copy: CopyId = self.ids.next();
        let input = pb::ImportInput {
            copy_id: copy.to_string(),
            source_digest: source.to_string(),
            source_bytes: 1,
            identity_zone: None,
        };
        self.order(pb::granted::Input::Import(input)).await
    }

    /// A job to put these documents into one file, and its message.
    pub(crate) async fn archive(&self, members: Vec<(String, Digest)>) -> JobId {
        let members = members.into_iter().map(|(name, digest)| pb::ArchiveMember {
            name,
            digest: digest.to_string(),
            bytes: 1,
        });
        let members = members.collect();
        self.order(pb::granted::Input::Archive(pb::ArchiveInput { members }))
            .await
    }

    async fn order(&self, input: pb::granted::Input) -> JobId {
        let job: JobId = self.ids.next();
        self.peer.known.lock().inputs.insert(job.to_string(), input);
        let message = Message {
            routing_key: IMPORT_QUEUE.to_owned(),
            id: job.to_string(),
            correlation_id: "request-0001".to_owned(),
            kind: jobs::JOB_MESSAGE_V1.to_owned(),
            headers: Vec::new(),
            body: jobs::encode(job),
        };
        self.publisher
            .publish(message)
            .await
            .expect("the message is confirmed");
        job
    }

    /// Waits until the archive of the job was delivered.
    pub(crate) async fn archived(&self, job: JobId) -> pb::CompleteArchiveRequest {
        let job = job.to_string();
        eventually("an archive", async || {
            let told = self.peer.known.lock().archives.clone();
            told.into_iter().find(|told| told.job_id == job).ok_or(())
        })
        .await
    }

    /// The file that the worker stored under this digest.
    pub(crate) async fn stored(&self, digest: &str) -> Vec<u8> {
        let digest = digest.parse().expect("a digest");
        self.blobs.get(digest).await.expect("it is stored").to_vec()
    }

    /// Stores a document.
    pub(crate) async fn put(&self, document: Vec<u8>) -> Digest {
        self.blobs.put(document).await.expect("it is stored").digest
    }

    /// The most memory that the worker ever had, in KiB.
    pub(crate) fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.worker.id()));
        let status = status.expect("the worker runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.split_whitespace().next());
        peak.and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Waits until the pages of the job were delivered so many times.
    pub(crate) async fn delivered(&self, job: JobId, times: usize) {
        eventually("pages", async || match self.peer.known.completions(job).len() {
            told if told >= times => Ok(()),
            told => Err(told),
        })
        .await;
    }

    /// Ends the worker without warning.
    pub(crate) fn kill_worker(&mut self) {
        drop(self.worker.kill());
        drop(self.worker.wait());
    }

    /// Another worker in the place of the one before.
    pub(crate) fn start_worker(&mut self) {
        self.worker = worker(self.home.path(), &self.peer, &self.broker);
    }

    /// Where reports are kept that cannot be delivered.
    pub(crate) fn reports(&self) -> PathBuf {
        self.home.path().join("blobs/reports")
    }

    /// Takes the directory of the reports away. Where it was is a file now: root, too, can make nothing in it.
    pub(crate) fn take_reports_away(&self) {
        let away = self.home.path().join("reports-away");
        std::fs::rename(self.reports(), away).expect("the directory can be moved");
        std::fs::write(self.reports(), "").expect("it can be written");
    }

    /// Waits until so many reports are there in this state.
    pub(crate) async fn kept(&self, state: &str, count: usize) {
        eventually("reports", async || {
            let entries = std::fs::read_dir(self.reports()).map_err(|error| error.to_string())?;
            let names = entries.flatten().map(|entry| entry.path());
            let there = names.filter(|path| path.extension().is_some_and(|found| found == state));
            match there.count() {
                there if there == count => Ok(()),
                there => Err(there.to_string()),
            }
        })
        .await;
    }

    /// Waits until the failure of the job was reported so many times.
    pub(crate) async fn failed(&self, job: JobId, times: usize) {
        eventually("a failure", async || match self.peer.known.failures(job).len() {
            told if told >= times => Ok(()),
            told => Err(told),
        })
        .await;
    }

    /// Waits until no document is being processed.
    pub(crate) async fn idle(&self) {
        let work = self.home.path().join("work");
        eventually("the work directory to be empty", async || {
            let entries = std::fs::read_dir(&work).map(Iterator::count);
            match entries {
                Ok(0) => Ok(()),
                other => Err(other.ok()),
            }
        })
        .await;
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // One that has ended by itself is as gone.
        self.kill_worker();
    }
}

fn worker(home: &Path, peer: &Peer, broker: &TestBroker) -> Child {
    Command::new(env!("CARGO_BIN_EXE_korrigo-pdf-worker"))
        .env_clear()
        .env("KORRIGO_GRADING_URL", format!("http://{}", peer.address()))
        .env("KORRIGO_SERVICE_TOKEN", SERVICE_TOKEN)
        .env("KORRIGO_AMQP_URL", broker.url(BrokerUser::Worker))
        .env("KORRIGO_BLOBS_DIR", home.join("blobs"))
        .env("KORRIGO_WORK_DIR", home.join("work"))
        .env("KORRIGO_LOG_DIR", home.join("logs"))
        .stdin(Stdio::null())
        .spawn()
        .expect("the worker starts")
}
