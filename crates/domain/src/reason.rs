//! Why somebody stepped in. A closed set: free text would end in the audit trail, and free text names people.

closed_names! {
    /// Why a copy was taken from its corrector, opened again or discarded.
    Reason {
        /// The corrector is not there.
        CorrectorAbsent = "corrector_absent",
        /// Something does not work.
        TechnicalProblem = "technical_problem",
        /// A mark is wrong.
        MarkingError = "marking_error",
        /// The pupil or the family asked for another look.
        Appeal = "appeal",
        /// The scan is unreadable or incomplete.
        BadScan = "bad_scan",
        /// The same copy is there twice.
        Duplicate = "duplicate",
        /// It belongs to another exam.
        WrongExam = "wrong_exam",
        /// None of these.
        Other = "other",
    }
}
