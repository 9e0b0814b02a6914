//! What an event may say besides who, when, and of which copy or person.

use serde::Serialize;
use uuid::Uuid;

use crate::annotation::AnnotationField;
use crate::audit::{Act, Action};
use crate::copy::{Grading, Variant};
use crate::digest::{Digest, FileSize};
use crate::failure::FailureCode;
use crate::ids::{AnnotationId, ChangeSetId, CopyId, OperationId, StudentId, UserId};
use crate::job::JobKind;
use crate::page::PageCount;
use crate::points::Points;
use crate::reason::Reason;
use crate::scheme::QuestionId;
use crate::user::Role;

closed_names! {
    /// How a person first gets in.
    AddedHow {
        /// They choose their password with an invitation.
        Invited = "invited",
        /// Somebody chose a password for them.
        Password = "password",
    }
}

closed_names! {
    /// How a person came to another password.
    PasswordHow {
        /// They chose it with an invitation.
        Invitation = "invitation",
        /// They chose it, and knew the one before.
        Own = "own",
        /// An operator chose it.
        Operator = "operator",
    }
}

closed_names! {
    /// How it was found out whose copy it is.
    IdentityMethod {
        /// A person read the name.
        Manual = "MANUAL",
        /// A person agreed to what a machine had read.
        OcrAssisted = "OCR_ASSISTED",
    }
}

closed_names! {
    /// What became of a copy when two were merged.
    MergePart {
        /// It has the pages of both.
        Kept = "kept",
        /// Its pages went to the other one.
        Emptied = "emptied",
    }
}

closed_names! {
    /// Why a copy was erased, or a pupil with access forgotten.
    EraseCause {
        /// Whoever wrote it is forgotten; the pupil is.
        Pupil = "pupil",
        /// It was kept for as long as copies, or pupils, are.
        Retention = "retention",
    }
}

closed_names! {
    /// How a copy came to its corrector.
    DispatchHow {
        /// Copies were shared out.
        Run = "run",
        /// An administrator chose the corrector.
        Manual = "manual",
        /// Copies of somebody absent were shared out.
        Absent = "absent",
    }
}

closed_names! {
    /// Why a lock ended.
    UnlockReason {
        /// The corrector gave the copy back.
        Released = "released",
        /// The corrector gave no sign of life.
        Expired = "expired",
        /// The copy was finalized.
        Finalized = "finalized",
    }
}

closed_names! {
    /// What somebody was given.
    Exported {
        /// The corrected document with everything on it.
        Full = "full",
        /// The corrected document without what shows who wrote the copy.
        Anonymous = "anonymous",
        /// The audit trail.
        Audit = "audit",
        /// The part of the first page that says who wrote the copy.
        Identity = "identity",
        /// A table with the results of an exam.
        Results = "results",
        /// All corrected documents of an exam in one file.
        Archive = "archive",
    }
}

impl From<Variant> for Exported {
    fn from(variant: Variant) -> Self {
        match variant {
            Variant::Full => Self::Full,
            Variant::Anonymous => Self::Anonymous,
        }
    }
}

closed_names! {
    /// What a remark is about.
    RemarkTarget {
        /// A question.
        Question = "question",
        /// The whole copy.
        Copy = "copy",
    }
}

/// The metadata of an event: one closed set of keys per action. The database checks the keys again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Metadata {
    /// Of [`Action::Import`].
    Import(Import),
    /// Of [`Action::Validate`].
    Validate {
        /// How many pages were checked.
        pages: u16,
    },
    /// Of [`Action::Lock`].
    Lock {
        /// Which lock of the copy it is.
        fence: i64,
    },
    /// Of [`Action::Unlock`].
    Unlock {
        /// Which lock of the copy it was.
        fence: i64,
        /// Why it ended.
        reason: UnlockReason,
    },
    /// Of [`Action::ForceUnlock`].
    ForceUnlock {
        /// Which lock of the copy it was.
        fence: i64,
        /// Why the administrator stepped in.
        reason: Reason,
    },
    /// Of [`Action::CreateAnn`].
    CreateAnn {
        /// Which annotation.
        annotation_id: AnnotationId,
        /// On which page.
        page: u16,
    },
    /// Of [`Action::UpdateAnn`].
    UpdateAnn {
        /// Which annotation.
        annotation_id: AnnotationId,
        /// On which page.
        page: u16,
        /// What changed, by name only.
        fields: Vec<AnnotationField>,
    },
    /// Of [`Action::DeleteAnn`].
    DeleteAnn {
        /// Which annotation.
        annotation_id: AnnotationId,
        /// On which page.
        page: u16,
    },
    /// Of [`Action::Score`].
    Score {
        /// Which question.
        question_id: QuestionId,
        /// Its points from now on.
        points: Option<Points>,
        /// Its points until now.
        previous: Option<Points>,
    },
    /// Of [`Action::Remark`].
    Remark {
        /// About what.
        target: RemarkTarget,
        /// Which question, if it is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        question_id: Option<QuestionId>,
        /// Whether nothing is said any more.
        cleared: bool,
    },
    /// Of [`Action::Finalize`].
    Finalize(Finalize),
    /// Of [`Action::Export`].
    Export {
        /// What.
        variant: Exported,
        /// The SHA-256 of what was handed out: of the document, or the root of the tree that the trail is from.
        sha256: String,
    },
    /// Of [`Action::Reopen`].
    Reopen {
        /// Why.
        reason: Reason,
    },
    /// Of [`Action::Discard`].
    Discard {
        /// Why.
        reason: Reason,
    },
    /// Of [`Action::Retry`].
    Retry {
        /// What is tried again.
        job: JobKind,
    },
    /// Of [`Action::Restore`].
    Restore(Restore),
    /// Of [`Action::Identify`].
    Identify {
        /// Which pupil. Who that is, is known elsewhere, and may be forgotten there.
        student_id: StudentId,
        /// How it was found out.
        method: IdentityMethod,
        /// Whether it was taken back.
        undone: bool,
    },
    /// Of [`Action::Merge`].
    Merge {
        /// The other copy.
        other_id: CopyId,
        /// What became of this one.
        part: MergePart,
        /// How many booklets went from one to the other.
        booklets: u16,
        /// How many pages those have.
        pages: u16,
    },
    /// Of [`Action::Reorder`].
    Reorder {
        /// How many booklets the copy has.
        booklets: u16,
        /// How many pages those have.
        pages: u16,
        /// Of each booklet in its new place, at which place it was; the first is 0.
        order: Vec<u16>,
    },
    /// Of [`Action::Dispatch`].
    Dispatch {
        /// Who is to correct the copy from now on; nobody in particular, if there is none.
        corrector_id: Option<UserId>,
        /// How that came about.
        how: DispatchHow,
        /// What it was part of.
        run_id: OperationId,
    },
    /// Of [`Action::Release`].
    Release {
        /// Which release of the exam.
        number: u32,
        /// Whether it was withdrawn.
        withdrawn: bool,
        /// What the release says.
        score: Points,
        /// Out of what.
        max: Points,
    },
    /// Of [`Action::Correction`].
    Correction {
        /// Which set of changes.
        change_set_id: ChangeSetId,
        /// By how much the score changed.
        delta: Points,
        /// What it is from now on.
        score: Points,
        /// Out of what.
        max: Points,
    },
    /// Of [`Action::Erase`].
    Erase {
        /// Why.
        cause: EraseCause,
    },
    /// Of [`Action::AddUser`].
    AddUser {
        /// What they are.
        role: Role,
        /// How they get in.
        how: AddedHow,
    },
    /// Of [`Action::ChangeUser`]: all of what they are from now on, also what stayed.
    ChangeUser {
        /// What they are.
        role: Role,
        /// Whether they are locked out.
        disabled: bool,
        /// Whether they are shown by another name.
        renamed: bool,
        /// How many sessions ended with it.
        sessions_ended: u64,
    },
    /// Of [`Action::InviteUser`].
    InviteUser {},
    /// Of [`Action::SetPassword`].
    SetPassword {
        /// How that came about.
        how: PasswordHow,
        /// How many sessions ended with it.
        sessions_ended: u64,
    },
    /// Of [`Action::EraseUser`].
    EraseUser {
        /// Why.
        cause: EraseCause,
    },
    /// Of [`Action::RestoreUser`].
    RestoreUser(Restore),
    /// Of [`Action::Operate`].
    Operate {
        /// What they did.
        act: Act,
        /// To which job, scan or pupil, if it was to one.
        on: Option<Uuid>,
    },
}

/// Metadata of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restore {
    /// The SHA-256 of the manifest of the backup.
    backup: String,
    /// How many leaves the tree of the backup has.
    size: u64,
    /// How many leaves the last checkpoint vouched for beyond those: the events that are lost.
    lost: u64,
}

impl Restore {
    /// Metadata of a restore from the backup with this manifest.
    #[must_use]
    pub fn new(backup: Digest, size: u64, lost: u64) -> Self {
        Self {
            backup: backup.to_string(),
            size,
            lost,
        }
    }
}

/// Metadata of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The server's own name for the source, `<copy_id>.pdf`. What the client called it is not kept.
    filename: String,
    /// How many pages came out.
    pages: u16,
    /// Whether it worked.
    success: bool,
    /// The SHA-256 of the source.
    sha256: String,
    /// The size of the source.
    bytes: u64,
    /// Which attempt of the job this was.
    attempt: u16,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<FailureCode>,
}

impl Import {
    /// Metadata of an import that worked or failed.
    #[must_use]
    pub fn new(
        copy: CopyId,
        (sha256, size): (Digest, FileSize),
        attempt: u16,
        outcome: Result<PageCount, FailureCode>,
    ) -> Self {
        Self {
            filename: format!("{copy}.pdf"),
            pages: outcome.map_or(0, PageCount::get),
            success: outcome.is_ok(),
            sha256: sha256.to_string(),
            bytes: size.bytes(),
            attempt,
            error_code: outcome.err(),
        }
    }
}

/// Metadata of a finalization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finalize {
    /// The frozen score.
    final_score: Points,
    /// Out of what.
    max_score: Points,
    /// How many attempts have failed so far, this one included.
    retries: u16,
    /// Whether it worked.
    success: bool,
    /// The SHA-256 of the corrected document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pdf_sha256: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<FailureCode>,
}

impl Finalize {
    /// Metadata of an attempt that worked or failed.
    #[must_use]
    pub fn new(grading: Grading, outcome: Result<Digest, FailureCode>) -> Self {
        Self {
            final_score: grading.score,
            max_score: grading.max,
            retries: grading.retries,
            success: outcome.is_ok(),
            pdf_sha256: outcome.ok().map(|document| document.to_string()),
            error_code: outcome.err(),
        }
    }
}

impl Metadata {
    /// The action that this metadata belongs to.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Import(_) => Action::Import,
            Self::Validate { .. } => Action::Validate,
            Self::Lock { .. } => Action::Lock,
            Self::Unlock { .. } => Action::Unlock,
            Self::ForceUnlock { .. } => Action::ForceUnlock,
            Self::CreateAnn { .. } => Action::CreateAnn,
            Self::UpdateAnn { .. } => Action::UpdateAnn,
            Self::DeleteAnn { .. } => Action::DeleteAnn,
            Self::Score { .. } => Action::Score,
            Self::Remark { .. } => Action::Remark,
            Self::Finalize(_) => Action::Finalize,
            Self::Export { .. } => Action::Export,
            Self::Reopen { .. } => Action::Reopen,
            Self::Discard { .. } => Action::Discard,
            Self::Retry { .. } => Action::Retry,
            Self::Restore(_) => Action::Restore,
            Self::Identify { .. } => Action::Identify,
            Self::Merge { .. } => Action::Merge,
            Self::Reorder { .. } => Action::Reorder,
            Self::Dispatch { .. } => Action::Dispatch,
            Self::Release { .. } => Action::Release,
            Self::Correction { .. } => Action::Correction,
            Self::Erase { .. } => Action::Erase,
            Self::AddUser { .. } => Action::AddUser,
            Self::ChangeUser { .. } => Action::ChangeUser,
            Self::InviteUser {} => Action::InviteUser,
            Self::SetPassword { .. } => Action::SetPassword,
            Self::EraseUser { .. } => Action::EraseUser,
            Self::RestoreUser(_) => Action::RestoreUser,
            Self::Operate { .. } => Action::Operate,
        }
    }
}
