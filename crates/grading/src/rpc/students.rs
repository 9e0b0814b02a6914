//! `korrigo.grading.v1.Students`.

use contracts::grading as pb;
use contracts::grading::students_server::Students;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{get_student, import_students, invite_student, list_students, update_student};

#[tonic::async_trait]
impl Students for Rpc {
    async fn import(
        &self,
        request: Request<Streaming<pb::ImportStudentsRequest>>,
    ) -> Result<Response<pb::ImportStudentsReply>, Status> {
        let (session, pieces) = self.signed(request)?;
        let import = async {
            import_students::authorize(&self.app.for_bulk(), session.clone()).await?;
            let (list, place) = self.app.rosters.receive(pieces).await?;
            let import = async move |app: App| {
                let stored = import_students::run(&app, session, list).await;
                // From here on there is room for another list.
                drop(place);
                stored
            };
            self.in_bulk(import).await
        };
        reply(import.await)
    }

    async fn list(
        &self,
        request: Request<pb::ListStudentsRequest>,
    ) -> Result<Response<pb::ListStudentsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_students::run(&self.app, session, request).await)
    }

    async fn get(&self, request: Request<pb::GetStudentRequest>) -> Result<Response<pb::Student>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_student::run(&self.app, session, request).await)
    }

    async fn update(
        &self,
        request: Request<pb::UpdateStudentRequest>,
    ) -> Result<Response<pb::Student>, Status> {
        let (session, request) = self.signed(request)?;
        let update = async move |app: App| update_student::run(&app, session, request).await;
        reply(self.to_its_end(update).await)
    }

    async fn invite(
        &self,
        request: Request<pb::InviteStudentRequest>,
    ) -> Result<Response<pb::InviteStudentReply>, Status> {
        let (session, request) = self.signed(request)?;
        let invite = async move |app: App| invite_student::run(&app, session, request).await;
        reply(self.to_its_end(invite).await)
    }
}
