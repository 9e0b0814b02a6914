//! The answers to what starts a job.

use actix_web::HttpResponse;
use actix_web::http::header;
use contracts::grading as pb;
use domain::{CopyId, JobKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::Job;

/// A copy that was registered, and the job that imports it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    #[schema(format = Uuid)]
    copy_id: String,
    job: Job,
}

/// A scan of many copies that was registered, and the job that takes it apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct RegisteredBatch {
    #[schema(format = Uuid)]
    batch_id: String,
    job: Job,
}

/// An archive that was ordered, and the job that makes it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderedArchive {
    #[schema(format = Uuid)]
    archive_id: String,
    job: Job,
}

/// A job that was started.
#[derive(Serialize, ToSchema)]
pub(crate) struct Started {
    job: Job,
}

impl From<pb::RegisterCopyReply> for Registered {
    fn from(reply: pb::RegisterCopyReply) -> Self {
        let job = Job::ordered(JobKind::ImportCopy, reply.job_id).of_copy(reply.copy_id.clone());
        Self {
            copy_id: reply.copy_id,
            job,
        }
    }
}

impl Registered {
    /// The answer.
    pub(crate) fn accepted(&self) -> HttpResponse {
        accepted(&self.job, self)
    }
}

impl From<pb::RegisterBatchReply> for RegisteredBatch {
    fn from(reply: pb::RegisterBatchReply) -> Self {
        let job = Job::ordered(JobKind::SplitBatch, reply.job_id).of_batch(reply.batch_id.clone());
        Self {
            batch_id: reply.batch_id,
            job,
        }
    }
}

impl RegisteredBatch {
    /// The answer.
    pub(crate) fn accepted(&self) -> HttpResponse {
        accepted(&self.job, self)
    }
}

impl From<pb::OrderArchiveReply> for OrderedArchive {
    fn from(reply: pb::OrderArchiveReply) -> Self {
        Self {
            archive_id: reply.archive_id,
            job: Job::ordered(JobKind::MakeArchive, reply.job_id),
        }
    }
}

impl OrderedArchive {
    /// The answer.
    pub(crate) fn accepted(&self) -> HttpResponse {
        accepted(&self.job, self)
    }
}

impl Started {
    /// The job of this kind for a copy.
    pub(crate) fn new(started: pb::StartedJob, kind: JobKind, copy: CopyId) -> Self {
        Self {
            job: Job::ordered(kind, started.job_id).of_copy(copy.to_string()),
        }
    }

    /// The answer.
    pub(crate) fn accepted(&self) -> HttpResponse {
        accepted(&self.job, self)
    }
}

/// 202, and where the job tells how it goes.
fn accepted(job: &Job, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/jobs/{}", job.id)))
        .insert_header((header::RETRY_AFTER, "1"))
        .json(body)
}
