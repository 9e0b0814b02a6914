use contracts::grading as pb;
use contracts::grading::results_server::Results;
use contracts::{Code, Problem};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};

use super::{COPY, EXAM, JOB, Known, USER, only};

fn at() -> Timestamp {
    Timestamp {
        seconds: 1_781_512_200,
        nanos: 0,
    }
}

/// The second release of the exam, which pupils see.
fn release() -> pb::ReleaseOfExam {
    pb::ReleaseOfExam {
        number: 2,
        released_by: USER.to_owned(),
        released_at: Some(at()),
        ..pb::ReleaseOfExam::default()
    }
}

fn own() -> pb::OwnResult {
    pb::OwnResult {
        copy_id: COPY.to_owned(),
        exam_id: EXAM.to_owned(),
        exam_name: "Mathématiques".to_owned(),
        exam_date: "2026-06-15".to_owned(),
        released_at: Some(at()),
        score: "1.5".to_owned(),
        max: "2".to_owned(),
    }
}

#[tonic::async_trait]
impl Results for Known {
    async fn adjust(&self, request: Request<pb::AdjustRequest>) -> Result<Response<pb::AdjustReply>, Status> {
        self.signed("adjust", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let adjusted = pb::AdjustedCopy {
            copy_id: COPY.to_owned(),
            delta: "0.5".to_owned(),
            score: "2".to_owned(),
            job_id: JOB.to_owned(),
        };
        Ok(Response::new(pb::AdjustReply {
            change_set_id: USER.to_owned(),
            adjusted: vec![adjusted],
            ..pb::AdjustReply::default()
        }))
    }

    async fn list_change_sets(
        &self,
        request: Request<pb::ListChangeSetsRequest>,
    ) -> Result<Response<pb::ListChangeSetsReply>, Status> {
        self.signed("list_change_sets", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let change_set = pb::ChangeSet {
            id: USER.to_owned(),
            created_by: USER.to_owned(),
            created_by_name: "Camille Exemple".to_owned(),
            created_at: Some(at()),
            reason_code: "marking_error".to_owned(),
            delta: "0.5".to_owned(),
            copies: 7,
            ..pb::ChangeSet::default()
        };
        Ok(Response::new(pb::ListChangeSetsReply {
            change_sets: vec![change_set],
            next_cursor: String::new(),
        }))
    }

    async fn release(
        &self,
        request: Request<pb::ReleaseRequest>,
    ) -> Result<Response<pb::ReleaseReply>, Status> {
        self.signed("release", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let left_out = pb::RefusedCopy {
            copy_id: COPY.to_owned(),
            code: "not_graded".to_owned(),
        };
        Ok(Response::new(pb::ReleaseReply {
            number: 2,
            released: 7,
            left_out: vec![left_out],
            without_pupil: vec![COPY.to_owned()],
        }))
    }

    async fn withdraw(
        &self,
        request: Request<pb::WithdrawRequest>,
    ) -> Result<Response<pb::WithdrawReply>, Status> {
        self.signed("withdraw", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::WithdrawReply {}))
    }

    async fn list_releases(
        &self,
        request: Request<pb::ListReleasesRequest>,
    ) -> Result<Response<pb::ListReleasesReply>, Status> {
        self.signed("list_releases", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let withdrawn = pb::ReleaseOfExam {
            number: 1,
            withdrawn_by: USER.to_owned(),
            withdrawn_at: Some(at()),
            ..release()
        };
        Ok(Response::new(pb::ListReleasesReply {
            releases: vec![withdrawn, release()],
            next_cursor: String::new(),
        }))
    }

    async fn get_release(
        &self,
        request: Request<pb::GetReleaseRequest>,
    ) -> Result<Response<pb::ReleaseWithChanges>, Status> {
        self.signed("get_release", &request)?;
        let asked = request.get_ref();
        only(EXAM, &asked.exam_id)?;
        if asked.number != 2 {
            return Err(Problem::of(Code::NotFound).into());
        }
        let changed = pb::ChangedResult {
            copy_id: COPY.to_owned(),
            score: "1.5".to_owned(),
            max: "2".to_owned(),
            ..pb::ChangedResult::default()
        };
        Ok(Response::new(pb::ReleaseWithChanges {
            release: Some(release()),
            results: 7,
            changes: vec![changed],
        }))
    }

    async fn export_table(
        &self,
        request: Request<pb::ExportTableRequest>,
    ) -> Result<Response<pb::ExportTableReply>, Status> {
        self.signed("export_table", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let table = match request.get_ref().format() {
            pb::TableFormat::Results => "copy_id\r\n",
            pb::TableFormat::Pronote => "\u{feff}NOM\r\n",
            pb::TableFormat::Unspecified => return Err(Problem::of(Code::Internal).into()),
        };
        Ok(Response::new(pb::ExportTableReply {
            table: table.as_bytes().to_vec(),
            number: 2,
        }))
    }

    async fn order_archive(
        &self,
        request: Request<pb::OrderArchiveRequest>,
    ) -> Result<Response<pb::OrderArchiveReply>, Status> {
        self.signed("order_archive", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::OrderArchiveReply {
            archive_id: COPY.to_owned(),
            job_id: JOB.to_owned(),
        }))
    }

    async fn get_archive(
        &self,
        request: Request<pb::GetArchiveRequest>,
    ) -> Result<Response<pb::Archive>, Status> {
        self.signed("get_archive", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        let job = pb::Job {
            id: JOB.to_owned(),
            kind: "MAKE_ARCHIVE".to_owned(),
            state: "SUCCEEDED".to_owned(),
            attempt: 1,
            max_attempts: 3,
            done: 7,
            total: 7,
            revision: 4,
            ..pb::Job::default()
        };
        Ok(Response::new(pb::Archive {
            id: COPY.to_owned(),
            number: 2,
            job: Some(job),
            created_at: Some(at()),
            file: Some(pb::ArchiveFile {
                copies: 7,
                bytes: 4096,
                expires_at: Some(at()),
            }),
        }))
    }

    async fn export_archive(
        &self,
        request: Request<pb::ExportArchiveRequest>,
    ) -> Result<Response<pb::ExportArchiveReply>, Status> {
        self.signed("export_archive", &request)?;
        only(EXAM, &request.get_ref().exam_id)?;
        Ok(Response::new(pb::ExportArchiveReply {
            digest: self
                .document()
                .as_ref()
                .map(|document| document.digest.clone())
                .unwrap_or_default(),
            number: 2,
        }))
    }

    async fn list_own(
        &self,
        request: Request<pb::ListOwnRequest>,
    ) -> Result<Response<pb::ListOwnReply>, Status> {
        self.signed("list_own", &request)?;
        Ok(Response::new(pb::ListOwnReply {
            results: vec![own()],
            next_cursor: COPY.to_owned(),
        }))
    }

    async fn get_own(
        &self,
        request: Request<pb::GetOwnRequest>,
    ) -> Result<Response<pb::WholeResult>, Status> {
        self.signed("get_own", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let score = pb::Score {
            question_id: "1.a".to_owned(),
            points: "1.5".to_owned(),
        };
        Ok(Response::new(pb::WholeResult {
            result: Some(own()),
            marking_scheme: None,
            scores: vec![score],
            remarks: Vec::new(),
            appreciation: "Bien.".to_owned(),
            adjustments: Vec::new(),
        }))
    }
}
