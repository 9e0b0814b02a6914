//! `korrigo.grading.v1.Exams`.

use contracts::grading as pb;
use contracts::grading::exams_server::Exams;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{
    create_exam, dispatch_copies, get_exam, get_progress, get_statistics, list_exams, set_marking_scheme,
    update_exam, validate_all,
};

#[tonic::async_trait]
impl Exams for Rpc {
    async fn create(&self, request: Request<pb::CreateExamRequest>) -> Result<Response<pb::Exam>, Status> {
        let (session, request) = self.signed(request)?;
        let create = async move |app: App| create_exam::run(&app, session, request).await;
        reply(self.to_its_end(create).await)
    }

    async fn get(&self, request: Request<pb::GetExamRequest>) -> Result<Response<pb::Exam>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_exam::run(&self.app, session, request).await)
    }

    async fn list(
        &self,
        request: Request<pb::ListExamsRequest>,
    ) -> Result<Response<pb::ListExamsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_exams::run(&self.app, session, request).await)
    }

    async fn update(&self, request: Request<pb::UpdateExamRequest>) -> Result<Response<pb::Exam>, Status> {
        let (session, request) = self.signed(request)?;
        let update = async move |app: App| update_exam::run(&app, session, request).await;
        reply(self.to_its_end(update).await)
    }

    async fn set_marking_scheme(
        &self,
        request: Request<pb::SetMarkingSchemeRequest>,
    ) -> Result<Response<pb::Exam>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_marking_scheme::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }

    async fn validate_all(
        &self,
        request: Request<pb::ValidateAllRequest>,
    ) -> Result<Response<pb::ValidateAllReply>, Status> {
        let (session, request) = self.signed(request)?;
        let validate = async move |app: App| validate_all::run(&app, session, request).await;
        reply(self.in_bulk(validate).await)
    }

    async fn dispatch(
        &self,
        request: Request<pb::DispatchRequest>,
    ) -> Result<Response<pb::DispatchReply>, Status> {
        let (session, request) = self.signed(request)?;
        let dispatch = async move |app: App| dispatch_copies::run(&app, session, request).await;
        reply(self.in_bulk(dispatch).await)
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Result<Response<pb::Progress>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_progress::run(&self.app, session, request).await)
    }

    async fn get_statistics(
        &self,
        request: Request<pb::GetStatisticsRequest>,
    ) -> Result<Response<pb::Statistics>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_statistics::run(&self.app, session, request).await)
    }
}
