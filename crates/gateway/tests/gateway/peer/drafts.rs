use contracts::grading as pb;
use contracts::grading::drafts_server::Drafts;
use tonic::{Request, Response, Status};

use super::{COPY, Known, moment, only};

#[tonic::async_trait]
impl Drafts for Known {
    async fn get(
        &self,
        request: Request<pb::GetDraftRequest>,
    ) -> Result<Response<pb::GetDraftReply>, Status> {
        self.signed("get_draft", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let draft = self.0.draft.lock().unwrap().clone();
        Ok(Response::new(pb::GetDraftReply { draft }))
    }

    async fn put(&self, request: Request<pb::PutDraftRequest>) -> Result<Response<pb::Draft>, Status> {
        self.signed("put_draft", &request)?;
        let asked = request.into_inner();
        only(COPY, &asked.copy_id)?;
        let draft = pb::Draft {
            client_id: asked.client_id,
            version: asked.version + 1,
            payload: asked.payload,
            updated_at: Some(moment(0)),
        };
        *self.0.draft.lock().unwrap() = Some(draft.clone());
        Ok(Response::new(draft))
    }

    async fn delete(
        &self,
        request: Request<pb::DeleteDraftRequest>,
    ) -> Result<Response<pb::DeleteDraftReply>, Status> {
        self.signed("delete_draft", &request)?;
        *self.0.draft.lock().unwrap() = None;
        Ok(Response::new(pb::DeleteDraftReply {}))
    }
}
