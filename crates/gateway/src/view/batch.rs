//! Scans of many copies.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::{AnomalyKind, BatchStatus, FailureCode, Layout, Part};
use super::time;
use super::validated::RefusedCopy;

/// A scan of many copies.
#[derive(Serialize, ToSchema)]
pub(crate) struct Batch {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    exam_id: String,
    #[schema(value_type = BatchStatus)]
    status: String,
    /// What the exam said when the scan came.
    pages_per_copy: u32,
    /// What the exam said when the scan came.
    #[schema(value_type = Layout)]
    layout: String,
    /// Pages of the scan; null until it was taken apart.
    #[schema(required = true)]
    page_count: Option<u32>,
    /// Why it cannot be taken apart.
    #[schema(value_type = Option<FailureCode>, required = true)]
    error_code: Option<String>,
    /// The job that takes it apart.
    #[schema(format = Uuid)]
    job_id: String,
    #[schema(format = DateTime, required = true)]
    created_at: Option<String>,
}

/// A scan of many copies, and where each of its pages went.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchWithCopies {
    #[serde(flatten)]
    batch: Batch,
    /// In the order of the scan. Every page of it is in one of them, whole or as both of its halves.
    copies: Vec<BatchCopy>,
    /// What people have to look at.
    anomalies: Vec<Anomaly>,
}

/// A copy that was cut out of a scan.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchCopy {
    #[schema(format = Uuid)]
    copy_id: String,
    /// In the order of reading.
    pieces: Vec<Piece>,
    /// It was put aside.
    discarded: bool,
}

/// A page of a scan, or a half of one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Piece {
    /// Which page of the scan, counted from 0.
    page: u32,
    #[schema(value_type = Part)]
    part: String,
}

/// Something about a scan that people have to look at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Anomaly {
    /// `incomplete`: the copy that begins on this page has too few. `not_a_sheet`: the page does not have two
    /// pages side by side and was kept whole. `no_back`: the back of this front does not follow.
    #[schema(value_type = AnomalyKind)]
    kind: String,
    /// Which page of the scan, counted from 0.
    page: u32,
}

/// What came of putting the copies of a scan aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiscardedBatch {
    /// How many were put aside.
    discarded: u32,
    refused: Vec<RefusedCopy>,
}

impl From<pb::Batch> for Batch {
    fn from(batch: pb::Batch) -> Self {
        Self {
            id: batch.id,
            exam_id: batch.exam_id,
            status: batch.status,
            pages_per_copy: batch.pages_per_copy,
            layout: batch.layout,
            page_count: Some(batch.page_count).filter(|count| *count > 0),
            error_code: some(batch.error_code),
            job_id: batch.job_id,
            created_at: batch.created_at.as_ref().and_then(time::text),
        }
    }
}

impl From<pb::Batch> for BatchWithCopies {
    fn from(mut batch: pb::Batch) -> Self {
        let copies = std::mem::take(&mut batch.copies);
        let anomalies = std::mem::take(&mut batch.anomalies);
        let piece = |pb::Piece { page, part }| Piece { page, part };
        let copy = |copy: pb::BatchCopy| BatchCopy {
            copy_id: copy.copy_id,
            pieces: copy.pieces.into_iter().map(piece).collect(),
            discarded: copy.discarded,
        };
        let anomaly = |pb::Anomaly { kind, page }| Anomaly { kind, page };
        Self {
            batch: batch.into(),
            copies: copies.into_iter().map(copy).collect(),
            anomalies: anomalies.into_iter().map(anomaly).collect(),
        }
    }
}

impl From<pb::DiscardBatchReply> for DiscardedBatch {
    fn from(reply: pb::DiscardBatchReply) -> Self {
        Self {
            discarded: reply.discarded,
            refused: reply.refused.into_iter().map(Into::into).collect(),
        }
    }
}
