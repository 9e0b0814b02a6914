//! The processes of the system, by name.

closed! {
    /// Which process of the system this is.
    ServiceName {
        /// HTTP in front.
        Gateway = "gateway",
        /// State and rules.
        Grading = "grading",
        /// PDF work.
        PdfWorker = "pdf-worker",
        /// An operator's command.
        Korrigo = "korrigo",
    }
}
