//! What can happen to a copy or a person.

closed_names! {
    /// What happened. The names are a contract.
    Action {
        /// A source was turned into pages, or could not be.
        Import = "IMPORT",
        /// A person checked the pages.
        Validate = "VALIDATE",
        /// A corrector took the copy.
        Lock = "LOCK",
        /// The copy is free again.
        Unlock = "UNLOCK",
        /// An administrator took the copy from its corrector.
        ForceUnlock = "FORCE_UNLOCK",
        /// An annotation was added.
        CreateAnn = "CREATE_ANN",
        /// An annotation was changed.
        UpdateAnn = "UPDATE_ANN",
        /// An annotation was taken away.
        DeleteAnn = "DELETE_ANN",
        /// A question was given points, or lost them.
        Score = "SCORE",
        /// Something was said about a question or the copy.
        Remark = "REMARK",
        /// The corrected document was made, or could not be.
        Finalize = "FINALIZE",
        /// Somebody was given the corrected document, or the trail itself.
        Export = "EXPORT",
        /// The copy is to be corrected again.
        Reopen = "REOPEN",
        /// The copy was put aside.
        Discard = "DISCARD",
        /// A person had something tried again that had failed.
        Retry = "RETRY",
        /// The copy is as a backup had it; what came after the backup is lost.
        Restore = "RESTORE",
        /// It was said whose copy it is, or that it is not theirs.
        Identify = "IDENTIFY",
        /// The pages of two copies of one pupil became one copy.
        Merge = "MERGE",
        /// The booklets of the copy were put into another order.
        Reorder = "REORDER",
        /// The copy was given to a corrector, or taken from one who had not begun.
        Dispatch = "DISPATCH",
        /// The result was published, or withdrawn.
        Release = "RELEASE",
        /// The score was changed by an administrator, together with those of other copies.
        Correction = "CORRECTION",
        /// The pages and words of the copy were erased; its score and its trail stay.
        Erase = "ERASE",
        /// A person was given access.
        AddUser = "ADD_USER",
        /// A person got another name or role, was locked out or let in again.
        ChangeUser = "CHANGE_USER",
        /// A person was invited to choose a password.
        InviteUser = "INVITE_USER",
        /// A person's password became another.
        SetPassword = "SET_PASSWORD",
        /// Who a person is was forgotten; the account stays, closed.
        EraseUser = "ERASE_USER",
        /// The account is as a backup had it; what came after the backup is lost.
        RestoreUser = "RESTORE_USER",
        /// The person did something to the system that is of no copy.
        Operate = "OPERATE",
    }
}

impl Action {
    /// Whether this stands in trails of people, and in those of copies otherwise. The database asks the same again.
    #[must_use]
    pub fn happens_to_people(self) -> bool {
        match self {
            Self::AddUser
            | Self::ChangeUser
            | Self::InviteUser
            | Self::SetPassword
            | Self::EraseUser
            | Self::RestoreUser
            | Self::Operate => true,
            Self::Import
            | Self::Validate
            | Self::Lock
            | Self::Unlock
            | Self::ForceUnlock
            | Self::CreateAnn
            | Self::UpdateAnn
            | Self::DeleteAnn
            | Self::Score
            | Self::Remark
            | Self::Finalize
            | Self::Export
            | Self::Reopen
            | Self::Discard
            | Self::Retry
            | Self::Restore
            | Self::Identify
            | Self::Merge
            | Self::Reorder
            | Self::Dispatch
            | Self::Release
            | Self::Correction
            | Self::Erase => false,
        }
    }
}
