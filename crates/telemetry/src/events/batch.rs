//! Scans of many copies, on their way to copies.

use domain::{BatchId, ExamId, FailureCode, JobId, Reason};

events! {
    BATCH;

    BatchRegistered = Info "batch.registered" "a scan of many copies was registered" {
        batch_id: BatchId,
        exam_id: ExamId,
        job_id: JobId,
        bytes: u64,
    }
    BatchSplit = Info "batch.split" "a scan was taken apart into copies" {
        batch_id: BatchId,
        job_id: JobId,
        pages: u32,
        copies: usize,
        anomalies: usize,
        attempt: u16,
    }
    SplitAttemptFailed = Warning "split.attempt_failed" "an attempt to take a scan apart failed and will be repeated" {
        batch_id: BatchId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    SplitFailed = Error "split.failed" "a scan cannot be taken apart" {
        batch_id: BatchId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    SplitExhausted = Critical "split.exhausted" "the last attempt to take a scan apart failed" {
        batch_id: BatchId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    BatchDiscarded = Info "batch.discarded" "the copies of a scan were put aside" {
        batch_id: BatchId,
        reason: Reason,
        discarded: u32,
        refused: usize,
    }
}
