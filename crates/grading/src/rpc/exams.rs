//! `korrigo.grading.v1.Exams`.

use contracts::grading as pb;
use contracts::grading::exams_server::Exams;
use tonic::{Request, Response, Status};

use crate::rpc::{Rpc, reply};
use crate::use_cases::{create_exam, get_exam, list_exams};

#[tonic::async_trait]
impl Exams for Rpc {
    async fn create(&self, request: Request<pb::CreateExamRequest>) -> Result<Response<pb::Exam>, Status> {
        let (session, request) = self.signed(request)?;
        reply(create_exam::run(&self.app, session, request).await)
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
}
