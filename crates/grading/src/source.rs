//! A file that was uploaded: what grading is told of it.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::{Digest, ExamId, FileSize, Operation, UserId};
use prost::Message;
use store::Tx;

use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::session::Session;

/// A file in the blob store that is to become part of an exam.
pub(crate) struct Source {
    pub(crate) exam: ExamId,
    pub(crate) digest: Digest,
    pub(crate) size: FileSize,
    pub(crate) idempotency_key: String,
}

impl TryFrom<pb::RegisterCopyRequest> for Source {
    type Error = Problem;

    fn try_from(request: pb::RegisterCopyRequest) -> Result<Self, Problem> {
        let pb::RegisterCopyRequest {
            exam_id,
            source_digest,
            source_bytes,
            idempotency_key,
        } = request;
        Self::parse(&exam_id, &source_digest, source_bytes, idempotency_key)
    }
}

impl TryFrom<pb::RegisterBatchRequest> for Source {
    type Error = Problem;

    fn try_from(request: pb::RegisterBatchRequest) -> Result<Self, Problem> {
        let pb::RegisterBatchRequest {
            exam_id,
            source_digest,
            source_bytes,
            idempotency_key,
        } = request;
        Self::parse(&exam_id, &source_digest, source_bytes, idempotency_key)
    }
}

impl Source {
    fn parse(exam: &str, digest: &str, bytes: u64, idempotency_key: String) -> Result<Self, Problem> {
        let exam = exam.parse().map_err(|_not_an_id| Code::NotFound)?;
        let mut fields = Fields::default();
        let digest = fields.parse("/source_digest", digest);
        let size = fields.check("/source_bytes", FileSize::new(bytes), FieldCode::OutOfRange);
        match (digest, size) {
            (Some(digest), Some(size)) => Ok(Self {
                exam,
                digest,
                size,
                idempotency_key,
            }),
            _ => Err(fields.problem()),
        }
    }

    /// Has `make` make something of it for somebody who may upload, once for each key: a request that comes again gets the
    /// answer of the first, and nothing is made.
    pub(crate) fn register<Reply: Message + Default, Made>(
        &self,
        tx: &mut Tx<'_>,
        session: &Session,
        name: &'static str,
        make: impl FnOnce(&mut Tx<'_>, UserId) -> Result<(Reply, Made), Error>,
    ) -> Result<(Reply, Option<Made>), Error> {
        let caller = session.caller(tx)?;
        authorization::on_exam(tx, caller, Operation::UploadCopy, self.exam)?;
        let fingerprint = self.fingerprint();
        let keyed = Keyed::new(caller.user, name, &self.idempotency_key, &fingerprint)?;
        if let Some(reply) = keyed.answered(tx)? {
            return Ok((reply, None));
        }
        let (reply, registered) = make(tx, caller.user)?;
        keyed.remember(tx, &reply)?;
        Ok((reply, Some(registered)))
    }

    /// What makes two requests the same one.
    fn fingerprint(&self) -> [Vec<u8>; 2] {
        [
            self.exam.to_string().into_bytes(),
            self.digest.as_bytes().to_vec(),
        ]
    }
}
