//! A transaction as a use case sees it: tables, and the ways in which copies and people change.

use diesel::prelude::*;
use domain::archive::ArchiveOrder;
use domain::audit::{Deed, Event};
use domain::batch::Split;
use domain::change_set::Adjustment;
use domain::copy::{Change, Correction, Disclosure, Identification, Merge, Reordering, Restoration, Started};
use domain::release::Publication;
use domain::{
    BatchId, BatchRegistration, Caller, Ids, Job, OperationId, Registration, State, Status, Timestamp,
    Transition,
};

use crate::annotations::Annotations;
use crate::archives::Archives;
use crate::audit_tree::AuditTree;
use crate::batches::Batches;
use crate::blobs::Blobs;
use crate::blockers::Blockers;
use crate::booklets::Booklets;
use crate::change_sets::ChangeSets;
use crate::clock::clock_timestamp;
use crate::copies::Copies;
use crate::diagnosis::Diagnosis;
use crate::dispatch::Dispatch;
use crate::documents::DocumentsOfCopies;
use crate::drafts::Drafts;
use crate::error::Error;
use crate::events::{Entry, Events};
use crate::exams::Exams;
use crate::idempotency::Idempotency;
use crate::identities::{Identities, Identity};
use crate::invitations::Invitations;
use crate::jobs::Jobs;
use crate::last_backup;
use crate::locks::Locks;
use crate::marks::MarksOfCopies;
use crate::outbox::{Envelope, Outbox};
use crate::pages::Pages;
use crate::readings::Readings;
use crate::reconciliation::Reconciliation;
use crate::releases::Releases;
use crate::results::Results;
use crate::retention::Retention;
use crate::sessions::Sessions;
use crate::statistics::Statistics;
use crate::students::Students;
use crate::throttles::Throttles;
use crate::trails::Trails;
use crate::users::Users;
use crate::wire::Wire;

/// An open transaction. [`Database::transaction`](crate::Database::transaction) makes it and ends it.
pub struct Tx<'a> {
    wire: Wire<'a>,
    ids: &'a Ids,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(wire: Wire<'a>, ids: &'a Ids) -> Self {
        Self { wire, ids }
    }
}

impl Tx<'_> {
    /// The database's clock at this moment; it goes on while the transaction waits for a lock.
    pub fn now(&mut self) -> Result<Timestamp, Error> {
        self.wire
            .run(|connection| diesel::select(clock_timestamp()).get_result(connection))
    }

    /// Stores a change of a copy with the event it leaves. [`Error::Stale`] if the copy is no longer the one
    /// that the transition began with.
    pub fn record(&mut self, transition: &Transition) -> Result<Entry, Error> {
        let copy = transition.copy();
        self.copies().update(copy)?;
        let (was, is) = (transition.from() == Status::Locked, copy.state.lock().is_some());
        if was && !is {
            self.locks().delete(copy.id)?;
        }
        match copy.state {
            State::Locked { lock, .. } if !was => self.locks().insert(copy.id, &lock)?,
            State::Discarded(_) => self.booklets().discard(copy)?,
            State::Staging(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => {}
        }
        self.append(transition.event())
    }

    /// Stores a change of a copy that starts a job, with the message that announces it.
    pub fn start(&mut self, started: &Started, envelope: &Envelope) -> Result<Entry, Error> {
        let entry = self.record(started.transition())?;
        self.order(started.job(), envelope)?;
        Ok(entry)
    }

    /// Stores a job that changes no copy, with the message that announces it.
    pub fn order(&mut self, job: &Job, envelope: &Envelope) -> Result<(), Error> {
        self.jobs().insert(job, envelope)?;
        self.outbox().enqueue(envelope)
    }

    /// Stores what a set of changes does to a copy, with what follows from it.
    pub fn adjust(
        &mut self,
        started: &Started,
        adjustment: &Adjustment,
        envelope: &Envelope,
    ) -> Result<Entry, Error> {
        let copy = started.transition().copy().id;
        self.change_sets().adjust(copy, adjustment)?;
        self.start(started, envelope)
    }

    /// Stores a change of what is on a copy with the event it leaves.
    pub fn correct(&mut self, correction: &Correction) -> Result<Entry, Error> {
        let copy = correction.copy();
        match correction.change() {
            Change::Annotated(annotation) => self.annotations().insert(annotation)?,
            Change::Amended(annotation) => self.annotations().update(annotation)?,
            Change::Erased(annotation) => self.annotations().delete(annotation)?,
            Change::Scored(question, points) => self.marks().put_score(copy, question, *points)?,
            Change::Remarked(question, text) => self.marks().put_remark(copy, question, text.as_ref())?,
            Change::Appreciated(text) => self.marks().put_appreciation(copy, text.as_ref())?,
        }
        self.append(correction.event())
    }

    /// Stores that a copy is erased, and erases it: what was written about it, and whose it is. The sweeper finds that
    /// nobody refers to its files any more.
    pub fn erase(&mut self, transition: &Transition) -> Result<Entry, Error> {
        let copy = transition.copy();
        self.copies().erase(copy)?;
        self.retention().erase(copy.id)?;
        self.identities().delete(copy.id)?;
        self.append(transition.event())
    }

    /// Stores that somebody is given a document.
    pub fn disclose(&mut self, disclosure: &Disclosure) -> Result<Entry, Error> {
        self.append(disclosure.event())
    }

    /// Stores whose copy it is, or that this was taken back, with the event it leaves.
    /// [`Constraint::StudentHasCopy`](crate::Constraint) if the pupil has another copy of the exam.
    pub fn identify(&mut self, identification: &Identification) -> Result<Entry, Error> {
        let copy = identification.copy();
        match identification.pupil() {
            Some((student, method)) => {
                let identity = Identity {
                    copy: copy.id,
                    student,
                    method,
                };
                self.identities().insert(copy.exam, identity)?;
            }
            None => self.identities().delete(copy.id)?,
        }
        self.append(identification.event())
    }

    /// Stores that two copies became one: whose it is, then where the pages are, each with its events.
    pub fn merge(&mut self, merge: &Merge) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for identification in merge.identifications() {
            entries.push(self.identify(identification)?);
        }
        self.booklets().hand_over(merge)?;
        entries.push(self.record(merge.emptied())?);
        entries.push(self.record(merge.kept())?);
        Ok(entries)
    }

    /// Stores that the booklets of a copy, and its pages with them, came into another order.
    pub fn reorder(&mut self, reordering: &Reordering) -> Result<Entry, Error> {
        self.booklets().reorder(reordering.transition().copy())?;
        self.record(reordering.transition())
    }

    /// Stores that a copy or a person is as a backup had it.
    pub fn restored(&mut self, restoration: &Restoration) -> Result<Entry, Error> {
        self.append(restoration.event())
    }

    /// Stores that whoever calls did something to the system, in their own trail.
    pub fn operate(&mut self, deed: Deed, caller: Caller, operation: OperationId) -> Result<Entry, Error> {
        self.append(&deed.event(caller, operation))
    }

    /// Stores what many trails are told at once.
    pub fn publish(&mut self, publication: &Publication) -> Result<Vec<Entry>, Error> {
        self.append_all(publication.events().iter())
    }

    /// Stores that copies change hands, with the events they leave. [`Error::Stale`] if one of them is no longer what its
    /// transition began with.
    pub fn hand_over(&mut self, transitions: &[Transition]) -> Result<Vec<Entry>, Error> {
        let copies: Vec<_> = transitions.iter().map(Transition::copy).collect();
        self.copies().hand_over(&copies)?;
        self.append_all(transitions.iter().map(Transition::event))
    }

    fn append_all<'e>(&mut self, events: impl Iterator<Item = &'e Event>) -> Result<Vec<Entry>, Error> {
        let events: Vec<_> = events.map(|event| (self.ids.next(), event)).collect();
        self.events().append_all(&events)
    }

    pub(crate) fn append(&mut self, event: &Event) -> Result<Entry, Error> {
        let id = self.ids.next();
        self.events().append(id, event)
    }

    /// Stores a new copy with its booklet, its job, and the message that announces the job.
    pub fn register(&mut self, registration: &Registration, envelope: &Envelope) -> Result<(), Error> {
        self.add(registration, None, envelope)
    }

    /// Stores a new batch with its job, and the message that announces the job.
    pub fn register_batch(
        &mut self,
        registration: &BatchRegistration,
        envelope: &Envelope,
    ) -> Result<(), Error> {
        self.batches().insert(registration.batch())?;
        self.order(registration.job(), envelope)
    }

    /// Stores an archive that is to be made with its job, and the message that announces the job.
    pub fn order_archive(&mut self, order: &ArchiveOrder, envelope: &Envelope) -> Result<(), Error> {
        self.jobs().insert(order.job(), envelope)?;
        self.archives().insert(order.archive())?;
        self.outbox().enqueue(envelope)
    }

    /// Stores the copies of a batch with where its pages went, and that it is split.
    pub fn split(&mut self, split: &Split, announce: impl Fn(&Job) -> Envelope) -> Result<(), Error> {
        let batch = split.batch();
        for (position, (registration, _)) in (0..).zip(split.copies()) {
            let envelope = announce(registration.job());
            self.add(registration, Some((batch.id, position)), &envelope)?;
        }
        self.batches().insert_outcome(split)?;
        self.batches().end(batch)
    }

    fn add(
        &mut self,
        registration: &Registration,
        place: Option<(BatchId, i64)>,
        envelope: &Envelope,
    ) -> Result<(), Error> {
        self.copies().insert(registration.copy())?;
        self.booklets().insert(registration.copy(), place)?;
        self.order(registration.job(), envelope)
    }

    /// Archives of corrected documents.
    pub fn archives(&mut self) -> Archives<'_> {
        Archives::new(self.wire.reborrow())
    }

    /// Scans of many copies.
    pub fn batches(&mut self) -> Batches<'_> {
        Batches::new(self.wire.reborrow())
    }

    /// Copies.
    pub fn copies(&mut self) -> Copies<'_> {
        Copies::new(self.wire.reborrow())
    }

    /// Who is to correct what.
    pub fn dispatch(&mut self) -> Dispatch<'_> {
        Dispatch::new(self.wire.reborrow())
    }

    /// What exams look like in numbers.
    pub fn statistics(&mut self) -> Statistics<'_> {
        Statistics::new(self.wire.reborrow())
    }

    /// The files that copies came in.
    pub fn booklets(&mut self) -> Booklets<'_> {
        Booklets::new(self.wire.reborrow())
    }

    /// Pages of copies.
    pub fn pages(&mut self) -> Pages<'_> {
        Pages::new(self.wire.reborrow())
    }

    /// When the last backup was taken, if one is known.
    pub fn last_backup(&mut self) -> Result<Option<Timestamp>, Error> {
        self.wire.run(last_backup::read)
    }

    /// Who corrects copies at the moment.
    pub fn locks(&mut self) -> Locks<'_> {
        Locks::new(self.wire.reborrow())
    }

    /// Annotations of copies.
    pub fn annotations(&mut self) -> Annotations<'_> {
        Annotations::new(self.wire.reborrow())
    }

    /// Points and words about copies.
    pub fn marks(&mut self) -> MarksOfCopies<'_> {
        MarksOfCopies::new(self.wire.reborrow())
    }

    /// What windows have not saved yet.
    pub fn drafts(&mut self) -> Drafts<'_> {
        Drafts::new(self.wire.reborrow())
    }

    /// Corrected documents.
    pub fn documents(&mut self) -> DocumentsOfCopies<'_> {
        DocumentsOfCopies::new(self.wire.reborrow())
    }

    /// What is kept no longer.
    pub fn retention(&mut self) -> Retention<'_> {
        Retention::new(self.wire.reborrow())
    }

    /// Pupils.
    pub fn students(&mut self) -> Students<'_> {
        Students::new(self.wire.reborrow())
    }

    /// Whose copy is whose.
    pub fn identities(&mut self) -> Identities<'_> {
        Identities::new(self.wire.reborrow())
    }

    /// What was read where pupils write who they are.
    pub fn readings(&mut self) -> Readings<'_> {
        Readings::new(self.wire.reborrow())
    }

    /// Exams.
    pub fn exams(&mut self) -> Exams<'_> {
        Exams::new(self.wire.reborrow())
    }

    /// Sets of changes of scores.
    pub fn change_sets(&mut self) -> ChangeSets<'_> {
        ChangeSets::new(self.wire.reborrow())
    }

    /// Releases of the results of exams.
    pub fn releases(&mut self) -> Releases<'_> {
        Releases::new(self.wire.reborrow())
    }

    /// Released results.
    pub fn results(&mut self) -> Results<'_> {
        Results::new(self.wire.reborrow())
    }

    /// People with access.
    pub fn users(&mut self) -> Users<'_> {
        Users::new(self.wire.reborrow())
    }

    /// Sessions of people.
    pub fn sessions(&mut self) -> Sessions<'_> {
        Sessions::new(self.wire.reborrow())
    }

    /// Invitations of people to choose a password.
    pub fn invitations(&mut self) -> Invitations<'_> {
        Invitations::new(self.wire.reborrow())
    }

    /// Counters of failed guesses.
    pub fn throttles(&mut self) -> Throttles<'_> {
        Throttles::new(self.wire.reborrow())
    }

    /// Work for workers.
    pub fn jobs(&mut self) -> Jobs<'_> {
        Jobs::new(self.wire.reborrow())
    }

    /// The tables as operators see them.
    pub fn diagnosis(&mut self) -> Diagnosis<'_> {
        Diagnosis::new(self.wire.reborrow())
    }

    /// Who holds up others.
    pub fn blockers(&mut self) -> Blockers<'_> {
        Blockers::new(self.wire.reborrow())
    }

    /// Messages that wait to be published.
    pub fn outbox(&mut self) -> Outbox<'_> {
        Outbox::new(self.wire.reborrow())
    }

    /// Answers that are given again.
    pub fn idempotency(&mut self) -> Idempotency<'_> {
        Idempotency::new(self.wire.reborrow())
    }

    /// The audit trail.
    pub fn events(&mut self) -> Events<'_> {
        Events::new(self.wire.reborrow())
    }

    /// The tree over the events of all trails.
    pub fn audit_tree(&mut self) -> AuditTree<'_> {
        AuditTree::new(self.wire.reborrow())
    }

    /// All that is stored of the trails, for who verifies them.
    pub fn trails(&mut self) -> Trails<'_> {
        Trails::new(self.wire.reborrow())
    }

    /// Whether the tables agree with the trails.
    pub fn reconciliation(&mut self) -> Reconciliation<'_> {
        Reconciliation::new(self.wire.reborrow())
    }

    /// What the tables know of blobs.
    pub fn blobs(&mut self) -> Blobs<'_> {
        Blobs::new(self.wire.reborrow())
    }
}
