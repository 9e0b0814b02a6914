//! Handing out the whole audit trail.

use std::collections::VecDeque;

use contracts::audit_export::{Export, Header, Line};
use contracts::{Code, grading as pb};
use domain::access::Relation;
use domain::audit::Root;
use domain::copy::Disclosure;
use domain::{Operation, OperationId};
use futures::{Stream, stream};
use telemetry::events::AuditExported;

use crate::app::App;
use crate::authorization;
use crate::checkpoints::Recent;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::list_checkpoints;

/// How many events are read at a time.
const BATCH: u16 = 500;
/// How many copies are told at a time. Whoever corrects one of them waits as long.
const COPIES: u16 = 50;

/// The lines of the export, some at a time: everything that the last checkpoint vouches for. That it is handed out is
/// recorded in the trail of every copy by then.
pub(crate) async fn run(
    app: &App,
    session: Session,
    _request: pb::ExportAuditRequest,
) -> Result<impl Stream<Item = Result<pb::ExportedAudit, Error>> + use<>, Error> {
    allowed(app, session.clone()).await?;
    let Recent { key, mut notes } = list_checkpoints::recent(app, None, 1).await?;
    // Nothing is vouched for yet.
    let (root, note) = notes.pop().ok_or(Code::NotFound)?;
    let copies = record(app, &session, root).await?;
    telemetry::log(AuditExported {
        events: root.size,
        copies,
    });
    let header = Line::Header(Header {
        origin: key.name().as_str().to_owned(),
        size: root.size,
    });
    let export = Exporting {
        app: app.clone(),
        root,
        next: 0,
        first: Some(header),
        last: VecDeque::from([Line::Checkpoint(note), Line::key(&key)]),
    };
    Ok(stream::try_unfold(export, Exporting::next))
}

async fn allowed(app: &App, session: Session) -> Result<(), Error> {
    app.database
        .transaction("authorize_audit_export", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadAudit, Relation::Stranger)
        })
        .await
}

/// Records in the trail of every copy that it is handed out, and says how many there are.
async fn record(app: &App, session: &Session, root: Root) -> Result<u64, Error> {
    let operation: OperationId = app.ids.next();
    let (mut after, mut told) = (None, 0);
    loop {
        let session = session.clone();
        let (copies, entries) = app
            .database
            .transaction("record_audit_export", move |tx| {
                let caller = session.caller(tx)?;
                authorization::check(caller, Operation::ReadAudit, Relation::Stranger)?;
                let by = caller.actor();
                let copies = tx.trails().copies(after, COPIES)?;
                let mut entries = Vec::with_capacity(copies.len());
                for copy in &copies {
                    let disclosure = Disclosure::of_trail(*copy, root.hash, by, operation);
                    entries.push(tx.disclose(&disclosure)?);
                }
                Ok::<_, Error>((copies, entries))
            })
            .await?;
        for entry in entries {
            recorded::publish(entry);
            told += 1;
        }
        after = copies.last().copied();
        if after.is_none() {
            return Ok(told);
        }
    }
}

struct Exporting {
    app: App,
    root: Root,
    next: u64,
    first: Option<Line>,
    last: VecDeque<Line>,
}

impl Exporting {
    async fn next(mut self) -> Result<Option<(pb::ExportedAudit, Self)>, Error> {
        if let Some(header) = self.first.take() {
            return Ok(Some((part([header]), self)));
        }
        if self.next < self.root.size {
            let events = self.events().await?;
            return Ok(Some((part(events), self)));
        }
        if self.last.is_empty() {
            return Ok(None);
        }
        let last = std::mem::take(&mut self.last);
        Ok(Some((part(last), self)))
    }

    /// The next events that the checkpoint vouches for. If some are missing, the export breaks off: half a trail must
    /// not look like a whole one.
    async fn events(&mut self) -> Result<Vec<Line>, Error> {
        let from = self.next;
        let events = self
            .app
            .database
            .transaction("export_audit", move |tx| {
                Ok::<_, Error>(tx.audit_tree().events(from, BATCH)?)
            })
            .await?;
        let mut lines = Vec::with_capacity(events.len());
        for (leaf, event) in events {
            if leaf.position != self.next {
                return Err(Code::Internal.into());
            }
            self.next += 1;
            if leaf.position < self.root.size {
                lines.push(Line::Event(Box::new(Export::of(&leaf, event))));
            }
        }
        if self.next == from {
            return Err(Code::Internal.into());
        }
        Ok(lines)
    }
}

fn part(lines: impl IntoIterator<Item = Line>) -> pb::ExportedAudit {
    let mut written = String::new();
    for line in lines {
        written.push_str(&line.write());
        written.push('\n');
    }
    pb::ExportedAudit {
        lines: written.into_bytes(),
    }
}
