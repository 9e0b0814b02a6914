//! A worker that does nothing but ask and tell.

use contracts::grading as pb;
use contracts::grading::claim_reply::Answer;
use contracts::grading::not_granted::Reason;
use contracts::grading::work_client::WorkClient;
use domain::{Digest, WorkerId};

use crate::harness::Known;

pub(crate) struct Worker {
    work: WorkClient<Known>,
    id: WorkerId,
}

impl Worker {
    pub(crate) fn new(work: WorkClient<Known>, id: WorkerId) -> Self {
        Self { work, id }
    }

    pub(crate) async fn claim(&self, job: &str) -> Answer {
        let request = pb::ClaimRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
        };
        let answer = self.work.clone().claim(request).await;
        let answer = answer.expect("a claim is answered").into_inner().answer;
        answer.expect("the answer says something")
    }

    /// A claim that is granted.
    pub(crate) async fn granted(&self, job: &str) -> pb::Granted {
        match self.claim(job).await {
            Answer::Granted(granted) => granted,
            Answer::NotGranted(refused) => panic!("not granted: {refused:?}"),
        }
    }

    /// The reason of a claim that is not granted.
    pub(crate) async fn not_granted(&self, job: &str) -> Reason {
        match self.claim(job).await {
            Answer::NotGranted(refused) => refused.reason(),
            Answer::Granted(granted) => panic!("granted: {granted:?}"),
        }
    }

    /// A sign of life with progress; whether the job is lost.
    pub(crate) async fn heartbeat(&self, job: &str, fence: i64, (done, total): (u32, u32)) -> bool {
        let request = pb::HeartbeatRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
            fence,
            done,
            total,
        };
        let answer = self.work.clone().heartbeat(request).await;
        answer.expect("a sign of life is answered").into_inner().lost
    }

    pub(crate) fn completion(&self, job: &str, fence: i64, pages: u32) -> pb::CompleteImportRequest {
        pb::CompleteImportRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
            fence,
            pages: (0..pages).map(page).collect(),
        }
    }

    /// Delivers two pages; whether they were accepted.
    pub(crate) async fn complete(&self, job: &str, fence: i64) -> bool {
        let request = self.completion(job, fence, 2);
        let answer = self.work.clone().complete_import(request).await;
        answer.expect("a delivery is answered").into_inner().accepted
    }

    /// What was read where a pupil wrote who they are.
    pub(crate) fn reading(&self, job: &str, fence: i64, reading: &str) -> pb::CompleteReadingRequest {
        pb::CompleteReadingRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
            fence,
            reading: reading.to_owned(),
        }
    }

    /// Reports a failure; whether that was accepted, and whether it is tried again.
    pub(crate) async fn fail(&self, job: &str, fence: i64, error_code: &str) -> (bool, bool) {
        let request = pb::FailRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
            fence,
            error_code: error_code.to_owned(),
        };
        let answer = self.work.clone().fail(request).await;
        let reply = answer.expect("a failure is answered").into_inner();
        (reply.accepted, reply.will_retry)
    }

    /// Gives the job back; whether that was accepted.
    pub(crate) async fn hand_back(&self, job: &str, fence: i64) -> bool {
        let request = pb::HandBackRequest {
            job_id: job.to_owned(),
            worker_id: self.id.to_string(),
            fence,
        };
        let answer = self.work.clone().hand_back(request).await;
        answer
            .expect("a job handed back is answered")
            .into_inner()
            .accepted
    }

    /// Nothing that is reported under this fence has any effect.
    pub(crate) async fn assert_powerless(&self, job: &str, fence: i64) {
        assert!(self.heartbeat(job, fence, (9, 9)).await, "the job is lost");
        assert!(!self.complete(job, fence).await, "pages are late");
        assert_eq!(self.fail(job, fence, "timeout").await, (false, false));
        assert!(!self.hand_back(job, fence).await, "there is nothing to give back");
    }
}

/// A page that an import may have made.
pub(crate) fn page(index: u32) -> pb::ImportedPage {
    let image = |of: &str, media_type: &str| pb::Image {
        digest: Digest::of(format!("{of} {index}").as_bytes()).to_string(),
        media_type: media_type.to_owned(),
    };
    pb::ImportedPage {
        width: 595_276,
        height: 841_890,
        rotation: 90,
        display: Some(image("display", "image/jpeg")),
        thumbnail: Some(image("thumbnail", "image/png")),
        redacted_display: None,
        redacted_thumbnail: None,
        identity: None,
    }
}
