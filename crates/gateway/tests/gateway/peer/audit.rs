use std::pin::Pin;

use contracts::grading as pb;
use contracts::grading::audit_server::Audit;
use contracts::{Code, Problem};
use futures::{Stream, stream};
use tonic::{Request, Response, Status};

use super::{COPY, Known, moment};

/// The request whose answer breaks off.
pub const BROKEN_OFF: &str = "an-export-that-breaks-off";

fn event() -> pb::Event {
    pb::Event {
        id: "0197c000-0000-7000-8000-0000000000e0".to_owned(),
        seq: 1,
        action: "VALIDATE".to_owned(),
        actor_type: "user".to_owned(),
        actor_id: "0197c000-0000-7000-8000-0000000000aa".to_owned(),
        operation_id: "0197c000-0000-7000-8000-0000000000f0".to_owned(),
        at: Some(moment(0)),
        metadata: r#"{"pages": 2}"#.to_owned(),
        prev: "00".repeat(32),
        hash: "ab".repeat(32),
    }
}

#[tonic::async_trait]
impl Audit for Known {
    type ExportStream = Pin<Box<dyn Stream<Item = Result<pb::ExportedAudit, Status>> + Send>>;

    async fn list_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsReply>, Status> {
        self.administered("list_audit_events", &request)?;
        Ok(Response::new(pb::ListAuditEventsReply {
            events: vec![
                pb::AuditEvent {
                    position: 7,
                    copy_id: COPY.to_owned(),
                    event: Some(event()),
                    user_id: String::new(),
                },
                pb::AuditEvent {
                    position: 8,
                    copy_id: String::new(),
                    event: Some(pb::Event {
                        action: "INVITE_USER".to_owned(),
                        metadata: "{}".to_owned(),
                        ..event()
                    }),
                    user_id: "0197c000-0000-7000-8000-0000000000ab".to_owned(),
                },
            ],
            next_cursor: "7".to_owned(),
        }))
    }

    /// Two lines, and for who asks as [`BROKEN_OFF`] nothing more, although there should be.
    async fn export(
        &self,
        request: Request<pb::ExportAuditRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        self.administered("export_audit", &request)?;
        let part = |lines: &str| {
            Ok(pb::ExportedAudit {
                lines: lines.as_bytes().to_vec(),
            })
        };
        let asked = request.metadata().get("x-request-id");
        let end = asked
            .filter(|id| *id == BROKEN_OFF)
            .map(|_id| Err(Problem::of(Code::Unavailable).into()));
        let parts = [part("first\n"), part("last\n")].into_iter().chain(end);
        Ok(Response::new(Box::pin(stream::iter(parts))))
    }

    async fn list_checkpoints(
        &self,
        request: Request<pb::ListCheckpointsRequest>,
    ) -> Result<Response<pb::ListCheckpointsReply>, Status> {
        self.administered("list_checkpoints", &request)?;
        Ok(Response::new(pb::ListCheckpointsReply {
            checkpoints: vec![pb::Checkpoint {
                size: 8,
                root: "cd".repeat(32),
                note: "a signed note".to_owned(),
            }],
            next_cursor: String::new(),
            key: "a public key".to_owned(),
        }))
    }
}
