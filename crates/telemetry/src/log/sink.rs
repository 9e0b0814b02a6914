//! Where lines go.

closed! {
    /// Where lines go.
    Sink {
        /// The standard error stream.
        Stderr = "stderr",
        /// The log file of the service.
        File = "file",
        /// The audit log file.
        Audit = "audit",
        /// A receiver of errors.
        Sentry = "sentry",
        /// The memory of a test.
        Memory = "memory",
    }
}
