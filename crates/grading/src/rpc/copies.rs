//! `korrigo.grading.v1.Copies`.

use contracts::grading as pb;
use contracts::grading::copies_server::Copies;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{
    authorize_upload, discard_copy, export_copy, finalize_copy, get_copy, get_page_image, list_copies,
    list_events, merge_copies, register_copy, reopen_copy, reorder_booklets, retry_import, set_corrector,
    validate_copy,
};

#[tonic::async_trait]
impl Copies for Rpc {
    async fn authorize_upload(
        &self,
        request: Request<pb::AuthorizeUploadRequest>,
    ) -> Result<Response<pb::AuthorizeUploadReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(authorize_upload::run(&self.app.for_bulk(), session, request).await)
    }

    async fn register(
        &self,
        request: Request<pb::RegisterCopyRequest>,
    ) -> Result<Response<pb::RegisterCopyReply>, Status> {
        let (session, request) = self.signed(request)?;
        let register = async move |app: App| register_copy::run(&app, session, request).await;
        reply(self.in_bulk(register).await)
    }

    async fn list(
        &self,
        request: Request<pb::ListCopiesRequest>,
    ) -> Result<Response<pb::ListCopiesReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_copies::run(&self.app, session, request).await)
    }

    async fn get(&self, request: Request<pb::GetCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_copy::run(&self.app, session, request).await)
    }

    async fn get_page_image(
        &self,
        request: Request<pb::GetPageImageRequest>,
    ) -> Result<Response<pb::PageImage>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_page_image::run(&self.app, session, request).await)
    }

    async fn validate(
        &self,
        request: Request<pb::ValidateCopyRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let validate = async move |app: App| validate_copy::run(&app, session, request).await;
        reply(self.to_its_end(validate).await)
    }

    async fn set_corrector(
        &self,
        request: Request<pb::SetCorrectorRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_corrector::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }

    async fn list_events(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Result<Response<pb::ListEventsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_events::run(&self.app, session, request).await)
    }

    async fn retry_import(
        &self,
        request: Request<pb::RetryImportRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        let (session, request) = self.signed(request)?;
        let retry = async move |app: App| retry_import::run(&app, session, request).await;
        reply(self.to_its_end(retry).await)
    }

    async fn discard(&self, request: Request<pb::DiscardCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let discard = async move |app: App| discard_copy::run(&app, session, request).await;
        reply(self.to_its_end(discard).await)
    }

    async fn merge(&self, request: Request<pb::MergeCopiesRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let merge = async move |app: App| merge_copies::run(&app, session, request).await;
        reply(self.to_its_end(merge).await)
    }

    async fn reorder(
        &self,
        request: Request<pb::ReorderBookletsRequest>,
    ) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let reorder = async move |app: App| reorder_booklets::run(&app, session, request).await;
        reply(self.to_its_end(reorder).await)
    }

    async fn finalize(
        &self,
        request: Request<pb::FinalizeCopyRequest>,
    ) -> Result<Response<pb::StartedJob>, Status> {
        let (session, request) = self.signed(request)?;
        let finalize = async move |app: App| finalize_copy::run(&app, session, request).await;
        reply(self.to_its_end(finalize).await)
    }

    async fn reopen(&self, request: Request<pb::ReopenCopyRequest>) -> Result<Response<pb::Copy>, Status> {
        let (session, request) = self.signed(request)?;
        let reopen = async move |app: App| reopen_copy::run(&app, session, request).await;
        reply(self.to_its_end(reopen).await)
    }

    async fn export(
        &self,
        request: Request<pb::ExportCopyRequest>,
    ) -> Result<Response<pb::ExportCopyReply>, Status> {
        let (session, request) = self.signed(request)?;
        let export = async move |app: App| export_copy::run(&app, session, request).await;
        reply(self.to_its_end(export).await)
    }
}
