//! `korrigo.grading.v1.Annotations`.

use contracts::grading as pb;
use contracts::grading::annotations_server::Annotations;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{create_annotation, delete_annotation, list_annotations, update_annotation};

#[tonic::async_trait]
impl Annotations for Rpc {
    async fn list(
        &self,
        request: Request<pb::ListAnnotationsRequest>,
    ) -> Result<Response<pb::ListAnnotationsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_annotations::run(&self.app, session, request).await)
    }

    async fn create(
        &self,
        request: Request<pb::CreateAnnotationRequest>,
    ) -> Result<Response<pb::Annotation>, Status> {
        let (session, request) = self.signed(request)?;
        let create = async move |app: App| create_annotation::run(&app, session, request).await;
        reply(self.to_its_end(create).await)
    }

    async fn update(
        &self,
        request: Request<pb::UpdateAnnotationRequest>,
    ) -> Result<Response<pb::Annotation>, Status> {
        let (session, request) = self.signed(request)?;
        let update = async move |app: App| update_annotation::run(&app, session, request).await;
        reply(self.to_its_end(update).await)
    }

    async fn delete(
        &self,
        request: Request<pb::DeleteAnnotationRequest>,
    ) -> Result<Response<pb::DeleteAnnotationReply>, Status> {
        let (session, request) = self.signed(request)?;
        let delete = async move |app: App| delete_annotation::run(&app, session, request).await;
        reply(self.to_its_end(delete).await)
    }
}
