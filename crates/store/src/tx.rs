//! A transaction as a use case sees it: tables, and the two ways in which a copy changes.

use diesel::prelude::*;
use domain::{Ids, Registration, Timestamp, Transition};

use crate::blobs::Blobs;
use crate::booklets::Booklets;
use crate::clock::clock_timestamp;
use crate::copies::Copies;
use crate::error::Error;
use crate::events::{Entry, Events};
use crate::exams::Exams;
use crate::idempotency::Idempotency;
use crate::invitations::Invitations;
use crate::jobs::Jobs;
use crate::outbox::{Envelope, Outbox};
use crate::pages::Pages;
use crate::sessions::Sessions;
use crate::throttles::Throttles;
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
        self.copies().update(&transition.copy)?;
        let id = self.ids.next();
        self.events().append(id, &transition.event)
    }

    /// Stores a new copy with its booklet, its job, and the message that announces the job.
    pub fn register(&mut self, registration: &Registration, envelope: &Envelope) -> Result<(), Error> {
        self.copies().insert(&registration.copy)?;
        self.booklets().insert(&registration.copy)?;
        self.jobs().insert(&registration.job, &envelope.request_id)?;
        self.outbox().enqueue(envelope)
    }

    /// Copies.
    pub fn copies(&mut self) -> Copies<'_> {
        Copies::new(self.wire.reborrow())
    }

    /// The files that copies came in.
    pub fn booklets(&mut self) -> Booklets<'_> {
        Booklets::new(self.wire.reborrow())
    }

    /// Pages of copies.
    pub fn pages(&mut self) -> Pages<'_> {
        Pages::new(self.wire.reborrow())
    }

    /// Exams.
    pub fn exams(&mut self) -> Exams<'_> {
        Exams::new(self.wire.reborrow())
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

    /// What the tables know of blobs.
    pub fn blobs(&mut self) -> Blobs<'_> {
        Blobs::new(self.wire.reborrow())
    }
}
