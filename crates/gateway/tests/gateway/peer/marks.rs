use contracts::grading as pb;
use contracts::grading::marks_server::Marks;
use contracts::{Code, FieldCode, Problem};
use tonic::{Request, Response, Status};

use super::{COPY, Known, holding, only};

/// The marking scheme has one question, which can bring two points.
fn known(question: &str) -> Result<(), Status> {
    if question == "1.a" {
        Ok(())
    } else {
        Err(Problem::of(Code::UnknownQuestion).into())
    }
}

fn marks(points: &str) -> pb::MarksOfCopy {
    let score = pb::Score {
        question_id: "1.a".to_owned(),
        points: points.to_owned(),
    };
    pb::MarksOfCopy {
        scores: vec![score],
        remarks: vec![pb::Remark {
            question_id: "1.a".to_owned(),
            text: "Bien".to_owned(),
        }],
        appreciation: String::new(),
        total: points.to_owned(),
        max: "2".to_owned(),
        adjustments: Vec::new(),
    }
}

#[tonic::async_trait]
impl Marks for Known {
    async fn get(&self, request: Request<pb::GetMarksRequest>) -> Result<Response<pb::MarksOfCopy>, Status> {
        self.signed("get_marks", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        Ok(Response::new(marks("1.5")))
    }

    async fn set_score(
        &self,
        request: Request<pb::SetScoreRequest>,
    ) -> Result<Response<pb::MarksOfCopy>, Status> {
        self.signed("set_score", &request)?;
        let asked = request.get_ref();
        holding(&asked.lock_token)?;
        known(&asked.question_id)?;
        match asked.points.as_str() {
            "2.25" => {
                let above = Problem::field("/points", FieldCode::AboveMax);
                Err(above.with("max", "2".to_owned()).into())
            }
            points => Ok(Response::new(marks(points))),
        }
    }

    async fn set_remark(
        &self,
        request: Request<pb::SetRemarkRequest>,
    ) -> Result<Response<pb::Remark>, Status> {
        self.signed("set_remark", &request)?;
        let asked = request.into_inner();
        holding(&asked.lock_token)?;
        known(&asked.question_id)?;
        Ok(Response::new(pb::Remark {
            question_id: asked.question_id,
            text: asked.text,
        }))
    }

    async fn set_appreciation(
        &self,
        request: Request<pb::SetAppreciationRequest>,
    ) -> Result<Response<pb::Appreciation>, Status> {
        self.signed("set_appreciation", &request)?;
        let asked = request.into_inner();
        holding(&asked.lock_token)?;
        Ok(Response::new(pb::Appreciation { text: asked.text }))
    }
}
