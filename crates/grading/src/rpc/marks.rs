//! `korrigo.grading.v1.Marks`.

use contracts::grading as pb;
use contracts::grading::marks_server::Marks;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{get_marks, set_appreciation, set_remark, set_score};

#[tonic::async_trait]
impl Marks for Rpc {
    async fn get(&self, request: Request<pb::GetMarksRequest>) -> Result<Response<pb::MarksOfCopy>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_marks::run(&self.app, session, request).await)
    }

    async fn set_score(
        &self,
        request: Request<pb::SetScoreRequest>,
    ) -> Result<Response<pb::MarksOfCopy>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_score::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }

    async fn set_remark(
        &self,
        request: Request<pb::SetRemarkRequest>,
    ) -> Result<Response<pb::Remark>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_remark::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }

    async fn set_appreciation(
        &self,
        request: Request<pb::SetAppreciationRequest>,
    ) -> Result<Response<pb::Appreciation>, Status> {
        let (session, request) = self.signed(request)?;
        let set = async move |app: App| set_appreciation::run(&app, session, request).await;
        reply(self.to_its_end(set).await)
    }
}
