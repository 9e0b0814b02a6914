use contracts::grading as pb;
use contracts::grading::annotations_server::Annotations;
use contracts::{Code, Problem, annotation};
use tonic::{Request, Response, Status};

use super::{ANNOTATION, COPY, Known, holding, moment, only};

fn annotation() -> pb::Annotation {
    pb::Annotation {
        id: ANNOTATION.to_owned(),
        copy_id: COPY.to_owned(),
        page_index: 0,
        rectangle: Some(pb::Rectangle {
            x: 0.1,
            y: 0.2,
            w: 0.3,
            h: 0.4,
        }),
        kind: "COMMENT".to_owned(),
        text: "Bien".to_owned(),
        created_by: "0197c000-0000-7000-8000-0000000000aa".to_owned(),
        created_at: Some(moment(0)),
        updated_at: Some(moment(0)),
        ..pb::Annotation::default()
    }
}

impl Known {
    /// Adds this many annotations, each as long as it may be and with this many points of ink.
    pub fn annotate(&self, count: usize, points: usize) {
        let point = pb::InkPoint {
            x: 0.1,
            y: 0.2,
            pressure: 0.5,
        };
        let drawn = pb::Annotation {
            text: "😀".repeat(4000),
            ink: vec![pb::Stroke {
                points: vec![point; points],
            }],
            ..annotation()
        };
        self.0.annotations.lock().unwrap().extend(vec![drawn; count]);
    }
}

/// Refuses who has not read the current version.
fn current(version: i64) -> Result<(), Status> {
    if version == 0 {
        Ok(())
    } else {
        Err(Problem::of(Code::StaleVersion).into())
    }
}

#[tonic::async_trait]
impl Annotations for Known {
    async fn list(
        &self,
        request: Request<pb::ListAnnotationsRequest>,
    ) -> Result<Response<pb::ListAnnotationsReply>, Status> {
        self.signed("list_annotations", &request)?;
        only(COPY, &request.get_ref().copy_id)?;
        let mut annotations = vec![annotation()];
        annotations.extend(self.0.annotations.lock().unwrap().iter().cloned());
        Ok(Response::new(pb::ListAnnotationsReply { annotations }))
    }

    async fn create(
        &self,
        request: Request<pb::CreateAnnotationRequest>,
    ) -> Result<Response<pb::Annotation>, Status> {
        self.signed("create_annotation", &request)?;
        let asked = request.into_inner();
        only(COPY, &asked.copy_id)?;
        holding(&asked.lock_token)?;
        annotation::content(&asked)?;
        Ok(Response::new(pb::Annotation {
            page_index: asked.page_index,
            rectangle: asked.rectangle,
            kind: asked.kind,
            text: asked.text,
            ink: asked.ink,
            score_delta: asked.score_delta,
            question_id: asked.question_id,
            ..annotation()
        }))
    }

    async fn update(
        &self,
        request: Request<pb::UpdateAnnotationRequest>,
    ) -> Result<Response<pb::Annotation>, Status> {
        self.signed("update_annotation", &request)?;
        let asked = request.into_inner();
        only(ANNOTATION, &asked.id)?;
        holding(&asked.lock_token)?;
        current(asked.if_version)?;
        Ok(Response::new(pb::Annotation {
            text: asked.text.unwrap_or_else(|| annotation().text),
            version: 1,
            ..annotation()
        }))
    }

    async fn delete(
        &self,
        request: Request<pb::DeleteAnnotationRequest>,
    ) -> Result<Response<pb::DeleteAnnotationReply>, Status> {
        self.signed("delete_annotation", &request)?;
        only(ANNOTATION, &request.get_ref().id)?;
        holding(&request.get_ref().lock_token)?;
        current(request.get_ref().if_version)?;
        Ok(Response::new(pb::DeleteAnnotationReply {}))
    }
}
