//! Every span that a process of this system exports, with every attribute that it may have.
//!
//! It is written by hand beside the constructors and checked against what collectors receive: what is not here is a
//! fault, also if it is harmless. So it is the list of what may leave the house in traces.

/// What spans of one sort look like.
#[derive(Debug)]
pub struct Shape {
    /// The name; words in braces stand for names out of closed sets.
    pub name: &'static str,
    /// The kind, by its name.
    pub kind: &'static str,
    /// Every attribute that there may be.
    pub attributes: &'static [&'static str],
    /// What it is about.
    pub meaning: &'static str,
}

const HTTP: &[&str] = &[
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "url.scheme",
];
const RPC: &[&str] = &["error.type", "rpc.method", "rpc.status_code", "rpc.system.name"];
const PUBLISH: &[&str] = &[
    "error.type",
    "messaging.destination.name",
    "messaging.message.conversation_id",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.rabbitmq.destination.routing_key",
    "messaging.system",
];
const PROCESS: &[&str] = &[
    "error.type",
    "messaging.destination.name",
    "messaging.message.conversation_id",
    "messaging.message.id",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.rabbitmq.destination.routing_key",
    "messaging.rabbitmq.message.delivery_tag",
    "messaging.system",
];
const SETTLE: &[&str] = &[
    "messaging.destination.name",
    "messaging.operation.name",
    "messaging.operation.type",
    "messaging.system",
];
const STAGE: &[&str] = &["bytes", "pages"];

/// Every sort of span.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "{method} {route}",
        kind: "SERVER",
        attributes: HTTP,
        meaning: "An HTTP request that a route takes.",
    },
    Shape {
        name: "{method}",
        kind: "SERVER",
        attributes: HTTP,
        meaning: "An HTTP request that no route takes.",
    },
    Shape {
        name: "{rpc}",
        kind: "CLIENT",
        attributes: RPC,
        meaning: "A call, as the calling side sees it.",
    },
    Shape {
        name: "{rpc}",
        kind: "SERVER",
        attributes: RPC,
        meaning: "A call, as the serving side sees it.",
    },
    Shape {
        name: "transaction {transaction}",
        kind: "CLIENT",
        attributes: &[
            "db.operation.name",
            "db.query.summary",
            "db.system.name",
            "error.type",
        ],
        meaning: "A transaction of the database, with the wait for a connection.",
    },
    Shape {
        name: "publish {exchange}:{queue}",
        kind: "PRODUCER",
        attributes: PUBLISH,
        meaning: "A message on its way to the broker; continues what caused it, however long ago.",
    },
    Shape {
        name: "process {exchange}:{queue}:{queue}",
        kind: "CONSUMER",
        attributes: PROCESS,
        meaning: "A message that is worked on; continues what published it, and links to it.",
    },
    Shape {
        name: "ack {queue}",
        kind: "CLIENT",
        attributes: SETTLE,
        meaning: "A message is done with.",
    },
    Shape {
        name: "reject {queue}",
        kind: "CLIENT",
        attributes: SETTLE,
        meaning: "A message goes back, or to the dead letters.",
    },
    Shape {
        name: "pdf.fetch",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "The source of a document is fetched and verified.",
    },
    Shape {
        name: "pdf.rasterize",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "Pages become images.",
    },
    Shape {
        name: "pdf.split",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "A scan of many copies is taken apart.",
    },
    Shape {
        name: "pdf.read",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "A machine reads who wrote a copy.",
    },
    Shape {
        name: "pdf.flatten",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "Annotations and pages become one document.",
    },
    Shape {
        name: "store.put",
        kind: "INTERNAL",
        attributes: STAGE,
        meaning: "Results are stored.",
    },
    Shape {
        name: "reconciler",
        kind: "INTERNAL",
        attributes: &["error.type"],
        meaning: "The reconciler takes up a job; continues the request that began it.",
    },
    Shape {
        name: "spool",
        kind: "INTERNAL",
        attributes: &["error.type"],
        meaning: "A failure that was kept is reported; continues the request that caused the job.",
    },
];

impl Shape {
    /// Whether a span of this name and kind may have this shape.
    #[must_use]
    pub fn fits(&self, name: &str, kind: &str) -> bool {
        self.kind == kind && matches(self.name, name)
    }
}

/// Words in braces stand for one or more letters that do not end a word.
fn matches(pattern: &str, name: &str) -> bool {
    let words = |text: &str| text.split([' ', ':']).map(str::to_owned).collect::<Vec<_>>();
    // A route has braces of its own, which are no more than a word.
    let (pattern, name) = (words(pattern), words(name));
    pattern.len() == name.len()
        && pattern
            .iter()
            .zip(&name)
            .all(|(expected, found)| expected == found || (expected.starts_with('{') && !found.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{Stage, Task};

    fn known(name: &str, kind: &str) -> bool {
        SHAPES.iter().any(|shape| shape.fits(name, kind))
    }

    #[test]
    fn spans_are_told_by_name_and_kind() {
        assert!(known("POST /api/v1/exams/{id}/copies", "SERVER"));
        assert!(known("process korrigo.jobs:a.b:a.b", "CONSUMER"));
        assert!(!known("process korrigo.jobs:a.b:a.b", "PRODUCER"));
        assert!(!known("publish korrigo.jobs", "PRODUCER"));
        assert!(!known("SELECT * FROM users", "CLIENT"));
    }

    #[test]
    fn every_stage_and_task_is_in_the_list() {
        let stages = Stage::ALL.iter().map(|stage| stage.as_str());
        for name in stages.chain(Task::ALL.iter().map(|task| task.as_str())) {
            assert!(known(name, "INTERNAL"), "{name}");
        }
    }
}
