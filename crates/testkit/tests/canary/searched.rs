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
    ("printed", "what operators' commands told, as tables and as JSON"),
    (
        "files of the operator: ",
        "what they wrote: manifests of backups, exports of the trail",
    ),
    ("reported errors", "what a receiver of reports of errors got"),
    ("spans", "what a collector of traces received"),
    ("PostgreSQL's log", "the server's own log"),
    ("names of blobs", "files or objects, by their names"),
    ("metrics of ", "a scrape of each service"),
    ("log: ", "log files and the audit log, rotated ones too"),
    ("output of ", "standard error of each service"),
    ("RabbitMQ: ", "the broker's files and its log"),
    ("files being worked on: ", "directories of documents in work"),
    ("reports: ", "failures that could not be told yet"),
    (
        "table ",
        "every table; what people typed for it may be there, and nothing else",
    ),
    ("queue ", "messages and dead letters, with their properties"),
];

/// The tables that hold what people typed, because that is what they are for, and which of it.
pub(crate) const CONTENT: &[(&str, &[&str])] = &[
    (
        "users",
        &["name", "email", "pupil", "given name", "login of a pupil"],
    ),
    (
        "students",
        &["pupil", "given name", "class of a pupil", "number of a pupil"],
    ),
    ("identity_readings", &["pupil", "given name", "text on a page"]),
    ("exams", &["class", "label of a question"]),
    ("exam_classes", &["class", "class of a pupil"]),
    ("change_sets", &["name", "pupil", "remark"]),
    ("releases", &["label of a question"]),
    ("annotations", &["annotation", "phone"]),
    ("remarks", &["remark", "phone"]),
    ("appreciations", &["appreciation"]),
    ("drafts", &["draft", "window"]),
];

/// Whether a word may be there: in the table that is for it; and whoever puts a message of their own into a queue finds it
/// among the dead letters, and in the files of the broker.
pub(crate) fn is_allowed(sink: &str, kind: &str) -> bool {
    if let Some(table) = sink.strip_prefix("table ") {
        let mut content = CONTENT.iter();
        return content.any(|(name, kinds)| *name == table && kinds.contains(&kind));
    }
    kind == "message" && (sink.starts_with("queue ") || sink.starts_with("RabbitMQ: "))
}

/// Which of the sinks this is.
pub(crate) fn family(sink: &str) -> Option<&'static str> {
    let mut families = SINKS.iter().map(|(family, _)| *family);
    families.find(|family| sink.starts_with(family))
}
