//! Asking the table of authorization about a stored thing.

use contracts::Code;
use domain::access::Relation;
use domain::{Access, Caller, CopyId, ExamId, Operation};
use store::Tx;
use telemetry::events::AccessRefused;

use crate::error::Error;

/// Refuses unless `caller` may do `operation` on the exam.
pub(crate) fn on_exam(
    tx: &mut Tx<'_>,
    caller: Caller,
    operation: Operation,
    exam: ExamId,
) -> Result<(), Error> {
    let relation = tx.exams().relation(exam, caller.user)?.ok_or(Code::NotFound)?;
    check(caller, operation, relation)
}

/// Refuses unless `caller` may do `operation` on the copy.
pub(crate) fn on_copy(
    tx: &mut Tx<'_>,
    caller: Caller,
    operation: Operation,
    copy: CopyId,
) -> Result<(), Error> {
    let relation = tx.copies().relation(copy, caller.user)?.ok_or(Code::NotFound)?;
    check(caller, operation, relation)
}

/// Refuses unless `caller` may do `operation`, standing in `relation` to what it is about.
pub(crate) fn check(caller: Caller, operation: Operation, relation: Relation) -> Result<(), Error> {
    let code = match caller.access(operation, relation) {
        Access::Granted => return Ok(()),
        Access::Forbidden => Code::Forbidden,
        Access::Hidden => Code::NotFound,
    };
    telemetry::log(AccessRefused { operation });
    Err(code.into())
}
