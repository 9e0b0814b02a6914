//! Who may do what: the one table of authorization. It is asked in the same call as the operation.

use crate::audit::Actor;
use crate::ids::UserId;
use crate::user::Role;

/// Who is asking, as their session proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// What they are.
    pub role: Role,
    /// The way on which they ask.
    pub through: Through,
}

/// The way on which somebody asks. What they may do is the same; the trail tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// The API.
    Api,
    /// The operators' commands.
    Commands,
}

impl Through {
    /// The person as the actor of what they do.
    #[must_use]
    pub const fn actor(self, user: UserId) -> Actor {
        match self {
            Self::Api => Actor::User(user),
            Self::Commands => Actor::Operator(user),
        }
    }
}

/// How the caller stands to the exam (or to the exam of the copy or job) that the operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// One of its correctors.
    Corrector,
    /// Wrote the copy, and its results are released.
    Author,
    /// Nothing to do with it.
    Stranger,
}

closed_names! {
    /// What a caller wants to do.
    Operation {
        /// Make an exam.
        CreateExam = "create_exam",
        /// See an exam in lists and by itself.
        ReadExam = "read_exam",
        /// Add a copy to an exam.
        UploadCopy = "upload_copy",
        /// See a copy, its pages and its job.
        ReadCopy = "read_copy",
        /// Declare the pages of a copy complete and legible.
        ValidateCopy = "validate_copy",
        /// Read the audit trail of a copy.
        ReadEvents = "read_events",
        /// Change what an exam is, and what its questions are worth.
        ChangeExam = "change_exam",
        /// Declare all copies of an exam complete and legible.
        ValidateAll = "validate_all",
        /// Share copies out among correctors, or choose the corrector of one.
        DispatchCopies = "dispatch_copies",
        /// Have the pages of a copy made again.
        RetryImport = "retry_import",
        /// Have what a job was for tried again, or tried at once.
        RetryJob = "retry_job",
        /// Put a copy aside.
        DiscardCopy = "discard_copy",
        /// Take a copy to correct it, write on it, give it back, finalize it.
        CorrectCopy = "correct_copy",
        /// Take a copy from its corrector.
        ForceRelease = "force_release",
        /// Have a graded copy corrected again.
        ReopenCopy = "reopen_copy",
        /// Get the corrected document of a copy.
        ExportCopy = "export_copy",
        /// Show pupils their results, and take them back.
        ReleaseResults = "release_results",
        /// Change the scores of many copies at once.
        AdjustScores = "adjust_scores",
        /// See the releases of an exam, and get tables of results.
        ReadResults = "read_results",
        /// Read the released result of a copy as who wrote it.
        ReadOwnResult = "read_own_result",
        /// See who has access.
        ReadUsers = "read_users",
        /// Make people, change them and invite them.
        ManageUsers = "manage_users",
        /// See the audit trail of everything, and get it.
        ReadAudit = "read_audit",
        /// Erase what is kept no longer, and whoever wants to be forgotten.
        Erase = "erase",
        /// See who is a pupil.
        ReadStudents = "read_students",
        /// Take lists of pupils in, change pupils and invite them.
        ManageStudents = "manage_students",
        /// See who wrote a copy, and say it.
        IdentifyCopy = "identify_copy",
        /// Make one copy of two, and put its booklets into another order.
        MergeCopies = "merge_copies",
    }
}

/// What lists show to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// All that there is.
    Everything,
    /// What they are a corrector of.
    Assigned,
    /// Nothing, also where they were a corrector once.
    Nothing,
}

/// The answer of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Go on.
    Granted,
    /// The caller may know that the thing is there, not do this with it.
    Forbidden,
    /// For this caller the thing does not exist.
    Hidden,
}

impl Caller {
    /// The caller as the actor of what they do.
    #[must_use]
    pub const fn actor(self) -> Actor {
        self.through.actor(self.user)
    }

    /// Whether this caller may do `operation` on something they stand in `relation` to.
    #[must_use]
    pub fn access(self, operation: Operation, relation: Relation) -> Access {
        match (self.role, relation) {
            (Role::Admin, _) => Access::Granted,
            (Role::Teacher, Relation::Corrector) => of_a_corrector(operation),
            (Role::Student, Relation::Author) => of_an_author(operation),
            (Role::Teacher, Relation::Author | Relation::Stranger)
            | (Role::Student, Relation::Corrector | Relation::Stranger) => of_a_stranger(operation),
        }
    }

    /// Whether this caller may see who wrote a copy.
    #[must_use]
    pub fn sees_identities(self) -> bool {
        self.role.sees_identities()
    }

    /// Which exams this caller finds in lists, with their copies.
    #[must_use]
    pub fn lists(self) -> Listing {
        match self.role {
            Role::Admin => Listing::Everything,
            Role::Teacher => Listing::Assigned,
            Role::Student => Listing::Nothing,
        }
    }
}

fn of_a_corrector(operation: Operation) -> Access {
    match operation {
        Operation::ReadExam
        | Operation::UploadCopy
        | Operation::ReadCopy
        | Operation::ValidateCopy
        | Operation::ReadEvents
        | Operation::CorrectCopy
        | Operation::ExportCopy => Access::Granted,
        Operation::CreateExam
        | Operation::ChangeExam
        | Operation::ValidateAll
        | Operation::DispatchCopies
        | Operation::RetryImport
        | Operation::RetryJob
        | Operation::DiscardCopy
        | Operation::ForceRelease
        | Operation::ReopenCopy
        | Operation::ReleaseResults
        | Operation::AdjustScores
        | Operation::ReadResults
        | Operation::ReadOwnResult
        | Operation::ReadUsers
        | Operation::ManageUsers
        | Operation::ReadAudit
        | Operation::Erase
        | Operation::ReadStudents
        | Operation::ManageStudents
        | Operation::IdentifyCopy
        | Operation::MergeCopies => Access::Forbidden,
    }
}

fn of_an_author(operation: Operation) -> Access {
    if matches!(operation, Operation::ExportCopy | Operation::ReadOwnResult) {
        Access::Granted
    } else {
        of_a_stranger(operation)
    }
}

fn of_a_stranger(operation: Operation) -> Access {
    match operation {
        Operation::CreateExam
        | Operation::ReadUsers
        | Operation::ManageUsers
        | Operation::ReadAudit
        | Operation::Erase
        | Operation::ReadStudents
        | Operation::ManageStudents => Access::Forbidden,
        Operation::ReadExam
        | Operation::UploadCopy
        | Operation::ReadCopy
        | Operation::ValidateCopy
        | Operation::ReadEvents
        | Operation::ChangeExam
        | Operation::ValidateAll
        | Operation::DispatchCopies
        | Operation::RetryImport
        | Operation::RetryJob
        | Operation::DiscardCopy
        | Operation::CorrectCopy
        | Operation::ForceRelease
        | Operation::ReopenCopy
        | Operation::IdentifyCopy
        | Operation::MergeCopies
        | Operation::ReleaseResults
        | Operation::AdjustScores
        | Operation::ReadResults
        | Operation::ReadOwnResult
        | Operation::ExportCopy => Access::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn table(role: Role, relation: Relation) -> Vec<Access> {
        let caller = Caller {
            user: Ids::sequence().next(),
            role,
            through: Through::Api,
        };
        Operation::ALL
            .iter()
            .map(|operation| caller.access(*operation, relation))
            .collect()
    }

    #[test]
    fn administrators_may_do_everything() {
        assert!(
            table(Role::Admin, Relation::Stranger)
                .iter()
                .all(|access| *access == Access::Granted)
        );
    }

    #[test]
    fn correctors_may_correct_and_leave_the_rest_to_administrators() {
        let refused: Vec<_> = Operation::ALL
            .iter()
            .zip(table(Role::Teacher, Relation::Corrector))
            .filter(|(_, access)| *access != Access::Granted)
            .collect();
        let administrative = [
            Operation::CreateExam,
            Operation::ChangeExam,
            Operation::ValidateAll,
            Operation::DispatchCopies,
            Operation::RetryImport,
            Operation::RetryJob,
            Operation::DiscardCopy,
            Operation::ForceRelease,
            Operation::ReopenCopy,
            Operation::ReleaseResults,
            Operation::AdjustScores,
            Operation::ReadResults,
            Operation::ReadOwnResult,
            Operation::ReadUsers,
            Operation::ManageUsers,
            Operation::ReadAudit,
            Operation::Erase,
            Operation::ReadStudents,
            Operation::ManageStudents,
            Operation::IdentifyCopy,
            Operation::MergeCopies,
        ];
        let expected: Vec<_> = administrative
            .iter()
            .map(|operation| (operation, Access::Forbidden))
            .collect();
        assert_eq!(refused, expected);
    }

    #[test]
    fn pupils_get_their_own_released_result_and_document_and_nothing_else() {
        let granted: Vec<_> = Operation::ALL
            .iter()
            .zip(table(Role::Student, Relation::Author))
            .filter(|(_, access)| *access == Access::Granted)
            .collect();
        let own = [Operation::ExportCopy, Operation::ReadOwnResult].each_ref();
        assert_eq!(granted, own.map(|operation| (operation, Access::Granted)));
    }

    #[test]
    fn for_everybody_else_an_exam_is_not_there() {
        for (role, relation) in [
            (Role::Teacher, Relation::Stranger),
            (Role::Teacher, Relation::Author),
            (Role::Student, Relation::Stranger),
            (Role::Student, Relation::Corrector),
        ] {
            assert!(
                table(role, relation)
                    .iter()
                    .all(|access| *access != Access::Granted)
            );
        }
    }
}
