//! `korrigo.grading.v1.Results`.

use contracts::grading as pb;
use contracts::grading::results_server::Results;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::rpc::{Rpc, reply};
use crate::use_cases::{
    adjust_scores, export_archive, export_table, get_archive, get_own_result, get_release, list_change_sets,
    list_own_results, list_releases, order_archive, release_results, withdraw_results,
};

#[tonic::async_trait]
impl Results for Rpc {
    async fn adjust(&self, request: Request<pb::AdjustRequest>) -> Result<Response<pb::AdjustReply>, Status> {
        let (session, request) = self.signed(request)?;
        let adjust = async move |app: App| adjust_scores::run(&app, session, request).await;
        reply(self.in_bulk(adjust).await)
    }

    async fn list_change_sets(
        &self,
        request: Request<pb::ListChangeSetsRequest>,
    ) -> Result<Response<pb::ListChangeSetsReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_change_sets::run(&self.app, session, request).await)
    }

    async fn release(
        &self,
        request: Request<pb::ReleaseRequest>,
    ) -> Result<Response<pb::ReleaseReply>, Status> {
        let (session, request) = self.signed(request)?;
        let release = async move |app: App| release_results::run(&app, session, request).await;
        reply(self.in_bulk(release).await)
    }

    async fn withdraw(
        &self,
        request: Request<pb::WithdrawRequest>,
    ) -> Result<Response<pb::WithdrawReply>, Status> {
        let (session, request) = self.signed(request)?;
        let withdraw = async move |app: App| withdraw_results::run(&app, session, request).await;
        reply(self.in_bulk(withdraw).await)
    }

    async fn list_releases(
        &self,
        request: Request<pb::ListReleasesRequest>,
    ) -> Result<Response<pb::ListReleasesReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_releases::run(&self.app, session, request).await)
    }

    async fn get_release(
        &self,
        request: Request<pb::GetReleaseRequest>,
    ) -> Result<Response<pb::ReleaseWithChanges>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_release::run(&self.app, session, request).await)
    }

    async fn export_table(
        &self,
        request: Request<pb::ExportTableRequest>,
    ) -> Result<Response<pb::ExportTableReply>, Status> {
        let (session, request) = self.signed(request)?;
        let export = async move |app: App| export_table::run(&app, session, request).await;
        reply(self.in_bulk(export).await)
    }

    async fn order_archive(
        &self,
        request: Request<pb::OrderArchiveRequest>,
    ) -> Result<Response<pb::OrderArchiveReply>, Status> {
        let (session, request) = self.signed(request)?;
        let order = async move |app: App| order_archive::run(&app, session, request).await;
        reply(self.to_its_end(order).await)
    }

    async fn get_archive(
        &self,
        request: Request<pb::GetArchiveRequest>,
    ) -> Result<Response<pb::Archive>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_archive::run(&self.app, session, request).await)
    }

    async fn export_archive(
        &self,
        request: Request<pb::ExportArchiveRequest>,
    ) -> Result<Response<pb::ExportArchiveReply>, Status> {
        let (session, request) = self.signed(request)?;
        let export = async move |app: App| export_archive::run(&app, session, request).await;
        reply(self.in_bulk(export).await)
    }

    async fn list_own(
        &self,
        request: Request<pb::ListOwnRequest>,
    ) -> Result<Response<pb::ListOwnReply>, Status> {
        let (session, request) = self.signed(request)?;
        reply(list_own_results::run(&self.app, session, request).await)
    }

    async fn get_own(
        &self,
        request: Request<pb::GetOwnRequest>,
    ) -> Result<Response<pb::WholeResult>, Status> {
        let (session, request) = self.signed(request)?;
        reply(get_own_result::run(&self.app, session, request).await)
    }
}
