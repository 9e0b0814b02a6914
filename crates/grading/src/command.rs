//! How a use case that changes a copy begins: who asks, whether they may, and the copy as it is, locked.

use contracts::Code;
use domain::copy::Asked;
use domain::{Caller, Copy, CopyId, Digest, Exam, LockToken, Operation, OperationId};
use store::Tx;

use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// What a person asks for, on which copy, as part of what.
pub(crate) struct Command {
    pub(crate) session: Session,
    pub(crate) operation: Operation,
    pub(crate) copy: CopyId,
    pub(crate) id: OperationId,
}

impl Command {
    /// The command on the copy with this id.
    pub(crate) fn parse(
        session: Session,
        operation: Operation,
        copy: &str,
        id: OperationId,
    ) -> Result<Self, Error> {
        let copy = copy.parse().map_err(|_not_an_id| Code::NotFound)?;
        Ok(Self {
            session,
            operation,
            copy,
            id,
        })
    }

    /// Who asks, if they may. The copy is not locked yet: enough to look a stored answer up.
    pub(crate) fn admit(&self, tx: &mut Tx<'_>) -> Result<Caller, Error> {
        let caller = self.session.caller(tx)?;
        authorization::on_copy(tx, caller, self.operation, self.copy)?;
        Ok(caller)
    }

    /// The copy, locked until the transaction ends, and who asks, if they may. The time is read after the wait for
    /// the lock: a request that was held back does not come from the past.
    pub(crate) fn begin(&self, tx: &mut Tx<'_>) -> Result<(Copy, Asked), Error> {
        let caller = self.admit(tx)?;
        self.lock(tx, caller)
    }

    /// The same for a caller who was admitted.
    pub(crate) fn lock(&self, tx: &mut Tx<'_>, caller: Caller) -> Result<(Copy, Asked), Error> {
        let copy = tx.copies().for_update(self.copy)?.ok_or(Code::NotFound)?;
        let asked = Asked {
            by: caller.user,
            through: caller.through,
            operation: self.id,
            now: tx.now()?,
        };
        Ok((copy, asked))
    }

    /// The same with the exam of the copy, which nobody changes meanwhile. The exam comes first: who releases the
    /// results of an exam locks it, and then its graded copies.
    pub(crate) fn lock_in_exam(&self, tx: &mut Tx<'_>, caller: Caller) -> Result<(Exam, Copy, Asked), Error> {
        let exam = tx.copies().exam_of(self.copy)?.ok_or(Code::NotFound)?;
        let exam = tx.exams().for_share(exam)?.ok_or(Code::NotFound)?;
        let (copy, asked) = self.lock(tx, caller)?;
        Ok((exam, copy, asked))
    }
}

/// The lock token that came with a request, as it is stored; `None` if none came.
pub(crate) fn presented(token: &str) -> Option<Digest> {
    LockToken::from_caller(token).map(|token| token.digest())
}
