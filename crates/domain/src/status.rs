//! The six states of a copy, by name. The names are a contract: API, metrics and database use them.

closed_names! {
    /// Where a copy stands.
    Status {
        /// Registered; its pages may still be missing.
        Staging = "STAGING",
        /// Checked by a person; may be corrected.
        Ready = "READY",
        /// Being corrected by the owner of its lock.
        Locked = "LOCKED",
        /// Corrected; the worker makes the final document.
        GradingInProgress = "GRADING_IN_PROGRESS",
        /// The final document exists.
        Graded = "GRADED",
        /// The final document could not be made.
        GradingFailed = "GRADING_FAILED",
    }
}
