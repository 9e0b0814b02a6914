//! The list of what is searched for canaries, from which `docs/audit.md` has its table.

/// The sinks, by the beginnings of their names, and what each is.
pub(crate) const SINKS: &[(&str, &str)] = &[
    ("refusals", "what callers were told who were refused, headers too"),
    (
        "arguments and environments",
        "of every process, and of those that it started",
    ),
    (
        "statements of the database",
        "what its sessions were asked, as they say themselves",
    ),
    ("spans", "what a collector of traces received"),
    ("PostgreSQL's log", "the server's own log"),
    ("names of blobs", "files or objects, by their names"),
    ("metrics of ", "a scrape of each service"),
    ("log: ", "log files and the audit log, rotated ones too"),
    ("output of ", "standard error of each service"),
    ("RabbitMQ: ", "the broker's files and its log"),
    ("files being worked on: ", "directories of documents in work"),
    ("reports: ", "failures that could not be told yet"),
    ("table ", "every table that is not for what people typed"),
    ("queue ", "messages and dead letters, with their properties"),
];

/// The tables that hold what people typed, because that is what they are for. The other tables are sinks.
pub(crate) const CONTENT: [&str; 11] = [
    "users",
    "students",
    "identity_readings",
    "exams",
    "exam_classes",
    "change_sets",
    "releases",
    "annotations",
    "remarks",
    "appreciations",
    "drafts",
];

/// Whether a word may be there: whoever puts a message of their own into a queue finds it among the dead letters, and in
/// the files of the broker.
pub(crate) fn is_allowed(sink: &str, kind: &str) -> bool {
    kind == "message" && (sink.starts_with("queue ") || sink.starts_with("RabbitMQ: "))
}

/// Which of the sinks this is.
pub(crate) fn family(sink: &str) -> Option<&'static str> {
    let mut families = SINKS.iter().map(|(family, _)| *family);
    families.find(|family| sink.starts_with(family))
}
