use contracts::grading as pb;
use contracts::grading::copies_server::Copies;
use contracts::{Code, Problem};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{COPY, EXAM, JOB, Known, holding, moment, only};

fn copy(known: &Known) -> pb::Copy {
    pb::Copy {
        id: COPY.to_owned(),
        exam_id: EXAM.to_owned(),
        anonymous_id: "A-7Q2F".to_owned(),
        status: "STAGING".to_owned(),
        pages: vec![pb::Page {
            index: 0,
            width: 595.276,
            height: 841.89,
        }],
        page_count: 1,
        import_job: Some(known.0.job.borrow().clone()),
        error_code: String::new(),
        version: 2,
        created_at: Some(Timestamp {
            seconds: 1_781_512_200,
            nanos: 123_000_000,
        }),
        score: "12.25".to_owned(),
        max: "20".to_owned(),
        booklets: vec![booklet()],
        ..pb::Copy::default()
    }
}

fn booklet() -> pb::CopyBooklet {
    pb::CopyBooklet {
        id: EXAM.to_owned(),
        pages: 1,
    }
}

/// The copy while somebody corrects it.
pub(super) fn locked(known: &Known) -> pb::Copy {
    pb::Copy {
        status: "LOCKED".to_owned(),
        lock: Some(pb::CopyLock {
            mine: true,
            expires_at: Some(moment(600)),
        }),
        ..copy(known)
    }
}

/// The copy while nobody corrects it.
pub(super) fn ready(known: &Known) -> pb::Copy {
    pb::Copy {
        status: "READY".to_owned(),
        version: 3,
        ..copy(known)
    }
}

#[tonic::async_trait]
impl Copies for Known {
    async fn authorize_upload(
        &self,
        request: Request<pb::AuthorizeUploadRequest>,
    ) -> Result<Response<pb::AuthorizeUploadReply>, Status> {
        self.signed("authorize_upload", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::AuthorizeUploadReply {}))
    }

    async fn register(
        &self,
        request: Request<pb::RegisterCopyRequest>,
    ) -> Result<Response<pb::RegisterCopyReply>, Status> {
        self.signed("register", &request)?;
        let asked = request.into_inner();
        let mut registered = self.0.registered.lock().unwrap();
        match registered.get(&asked.idempotency_key) {
            Some(before) if *before != asked => return Err(Problem::of(Code::IdempotencyMismatch).into()),
            Some(_) => {}
            None => _ = registered.insert(asked.idempotency_key.clone(), asked),
        }
        Ok(Response::new(pb::RegisterCopyReply {
            copy_id: COPY.to_owned(),
            job_id: JOB.to_owned(),
        }))
    }

    async fn list(
        &self,
        request: Request<pb::ListCopiesRequest>,
    ) -> Result<Response<pb::ListCopiesReply>, Status> {
        self.signed("list_copies", &request)?;
        let whole = if request.get_ref().assigned_to_me {
            locked(self)
        } else {
            copy(self)
        };
        let listed = pb::Copy {
            pages: Vec::new(),
            ..whole
        };
        Ok(Response::new(pb::ListCopiesReply {
            copies: vec![listed],
            next_cursor: "next".to_owned(),
        }))
    }

    async fn get(&self, request: Request<pb::GetCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        self.signed("get_copy", &request)?;
        only(COPY, &request.get_ref().id)?;
        Ok(Response::new(copy(self)))
    }

    async fn get_page_image(
        &self,
        request: Request<pb::GetPageImageRequest>,
    ) -> Result<Response<pb::PageImage>, Status> {
        self.signed("get_page_image", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let image = self.0.image.lock().unwrap().clone();
        image
            .filter(|_| request.get_ref().index == 0)
            .map(Response::new)
            .ok_or_else(|| Problem::of(Code::NotFound).into())
    }

    async fn validate(
        &self,
        request: Request<pb::ValidateCopyRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        self.signed("validate", &request)?;
        only(COPY, &request.get_ref().id)?;
        if request.get_ref().if_version.is_some_and(|version| version != 2) {
            return Err(Problem::of(Code::StaleVersion).into());
        }
        Ok(Response::new(ready(self)))
    }

    async fn retry_import(
        &self,
        request: Request<pb::RetryImportRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        self.signed("retry_import", &request)?;
        only(COPY, &request.get_ref().id)?;
        Ok(Response::new(pb::StartedJob {
            job_id: JOB.to_owned(),
        }))
    }

    async fn discard(&self, request: Request<pb::DiscardCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        self.signed("discard", &request)?;
        only(COPY, &request.get_ref().id)?;
        Ok(Response::new(copy(self)))
    }

    async fn merge(&self, request: Request<pb::MergeCopiesRequest>) -> Result<Response<pb::Copy>, Status> {
        self.administered("merge", &request)?;
        only(COPY, &request.get_ref().id)?;
        if request.get_ref().if_version.is_some_and(|version| version != 2) {
            return Err(Problem::of(Code::StaleVersion).into());
        }
        let other = pb::CopyBooklet {
            id: request.into_inner().other_id,
            pages: 1,
        };
        Ok(Response::new(pb::Copy {
            booklets: vec![booklet(), other],
            ..ready(self)
        }))
    }

    async fn reorder(
        &self,
        request: Request<pb::ReorderBookletsRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        self.administered("reorder", &request)?;
        only(COPY, &request.get_ref().id)?;
        let booklets = request.into_inner().booklets.into_iter();
        let booklets = booklets.map(|id| pb::CopyBooklet { id, pages: 1 });
        Ok(Response::new(pb::Copy {
            booklets: booklets.collect(),
            ..ready(self)
        }))
    }

    async fn finalize(
        &self,
        request: Request<pb::FinalizeCopyRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        self.signed("finalize", &request)?;
        only(COPY, &request.get_ref().id)?;
        holding(&request.get_ref().lock_token)?;
        Ok(Response::new(pb::StartedJob {
            job_id: JOB.to_owned(),
        }))
    }

    async fn reopen(&self, request: Request<pb::ReopenCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        self.signed("reopen", &request)?;
        only(COPY, &request.get_ref().id)?;
        Ok(Response::new(ready(self)))
    }

    async fn export(
        &self,
        request: Request<pb::ExportCopyRequest>,
    ) -> Result<Response<pb::ExportCopyReply>, Status> {
        self.signed("export", &request)?;
        only(COPY, &request.get_ref().id)?;
        let document = self.0.document.lock().unwrap().clone();
        document
            .map(Response::new)
            .ok_or_else(|| Problem::of(Code::NotGraded).into())
    }

    async fn set_corrector(
        &self,
        request: Request<pb::SetCorrectorRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        self.signed("set_corrector", &request)?;
        let asked = request.into_inner();
        only(COPY, &asked.copy_id)?;
        Ok(Response::new(pb::Copy {
            corrector_id: asked.user_id.unwrap_or_default(),
            ..ready(self)
        }))
    }

    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Result<Response<pb::ListEventsReply>, Status> {
        self.signed("list_events", &request)?;
        let event = pb::Event {
            id: "0197c000-0000-7000-8000-0000000000ee".to_owned(),
            seq: 1,
            action: "IMPORT".to_owned(),
            actor_type: "user".to_owned(),
            actor_id: "0197c000-0000-7000-8000-0000000000aa".to_owned(),
            operation_id: JOB.to_owned(),
            at: Some(Timestamp {
                seconds: 1_781_512_200,
                nanos: 0,
            }),
            metadata: format!("{{\"filename\": \"{COPY}.pdf\", \"pages\": 1}}"),
            prev: "0".repeat(64),
            hash: "a".repeat(64),
        };
        Ok(Response::new(pb::ListEventsReply {
            events: vec![event],
            next_cursor: String::new(),
        }))
    }
}
