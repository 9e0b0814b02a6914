use contracts::grading as pb;
use contracts::grading::batches_server::Batches;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{BATCH, COPY, EXAM, JOB, Known, moment, only};

fn batch() -> pb::Batch {
    pb::Batch {
        id: BATCH.to_owned(),
        exam_id: EXAM.to_owned(),
        status: "SPLIT".to_owned(),
        pages_per_copy: 4,
        layout: "A3_FOLDED".to_owned(),
        page_count: 1,
        error_code: String::new(),
        job_id: JOB.to_owned(),
        created_at: Some(moment(0)),
        copies: Vec::new(),
        anomalies: Vec::new(),
    }
}

#[tonic::async_trait]
impl Batches for Known {
    async fn authorize_upload(
        &self,
        request: Request<pb::AuthorizeBatchRequest>,
    ) -> Result<Response<pb::AuthorizeBatchReply>, Status> {
        self.signed("authorize_batch", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::AuthorizeBatchReply {}))
    }

    async fn register(
        &self,
        request: Request<pb::RegisterBatchRequest>,
    ) -> Result<Response<pb::RegisterBatchReply>, Status> {
        self.signed("register_batch", &request)?;
        Ok(Response::new(pb::RegisterBatchReply {
            batch_id: BATCH.to_owned(),
            job_id: JOB.to_owned(),
        }))
    }

    async fn list(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesReply>, Status> {
        self.signed("list_batches", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::ListBatchesReply {
            batches: vec![batch()],
            next_cursor: "more".to_owned(),
        }))
    }

    async fn get(&self, request: Request<pb::GetBatchRequest>) -> Result<Response<pb::Batch>, Status> {
        self.signed("get_batch", &request)?;
        only(BATCH, &request.get_ref().id)?;
        let piece = |part: &str| pb::Piece {
            page: 0,
            part: part.to_owned(),
        };
        Ok(Response::new(pb::Batch {
            copies: vec![pb::BatchCopy {
                copy_id: COPY.to_owned(),
                pieces: vec![piece("right"), piece("left")],
                discarded: false,
            }],
            anomalies: vec![pb::Anomaly {
                kind: "no_back".to_owned(),
                page: 0,
            }],
            ..batch()
        }))
    }

    async fn discard(
        &self,
        request: Request<pb::DiscardBatchRequest>,
    ) -> Result<Response<pb::DiscardBatchReply>, Status> {
        let user = self.signed("discard_batch", &request)?;
        if user.role != "ADMIN" {
            return Err(Problem::of(Code::Forbidden).into());
        }
        let asked = request.into_inner();
        only(BATCH, &asked.id)?;
        if asked.reason.is_empty() {
            return Err(Problem::field("/reason", FieldCode::Required).into());
        }
        Ok(Response::new(pb::DiscardBatchReply {
            discarded: 1,
            refused: vec![pb::RefusedCopy {
                copy_id: COPY.to_owned(),
                code: "wrong_state".to_owned(),
            }],
        }))
    }
}
