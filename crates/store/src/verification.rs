//! Whether the trails and the tree are what was written: each chain and its end, each event against its leaf, and the
//! tree against the checkpoints of elsewhere.
//!
//! It reads in small parts, each in a transaction of its own, and keeps no more than one trail. Work goes
//! on meanwhile.

use chrono::TimeDelta;
use domain::audit::{Finding, Frontier, Leaf, Place, Recorded, Root, Subject, Tampering, Trail};
use domain::{Timestamp, TrailId};

use crate::database::Database;
use crate::error::Error;
use crate::events::End;
use crate::trails::{Chained, Planted};

/// How many rows are read at a time.
const BATCH: u16 = 500;
/// After how many rows it is said how far it is: a multiple of what is read at a time.
const TOLD_EVERY: u64 = 10_000;
/// For how long an event may wait until it is in the tree.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// What is to be verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// This trail only, if one is given.
    pub trail: Option<TrailId>,
    /// The trees that checkpoints vouch for, in any order.
    pub checkpoints: Vec<Root>,
    /// What is known to have been vouched for last: one of the checkpoints is of it.
    pub vouched: Option<Root>,
}

impl Scope {
    /// Whether the checkpoints no longer have what they are known to have had.
    fn lost(&self) -> Option<Finding> {
        let vouched = self.vouched.filter(|root| !self.checkpoints.contains(root))?;
        let sizes = self.checkpoints.iter().map(|root| root.size);
        let left = sizes.filter(|size| *size < vouched.size).max().unwrap_or(0);
        Some(Finding {
            kind: Tampering::CheckpointsLost,
            place: Place::Leaves(left..vouched.size),
        })
    }
}

/// What was verified, and what was found first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many copies with events.
    pub copies: u64,
    /// How many people with events.
    pub people: u64,
    /// How many events.
    pub events: u64,
    /// How many leaves of the tree.
    pub leaves: u64,
    /// How many checkpoints.
    pub checkpoints: u64,
    /// What was found.
    pub finding: Option<Finding>,
}

/// Verifies what is asked for, up to the first finding.
pub async fn verify(database: &Database, scope: Scope) -> Result<Verified, Error> {
    verify_telling(database, scope, |_so_far| {}).await
}

/// The same. `tell` hears now and then how far it is.
pub async fn verify_telling(
    database: &Database,
    scope: Scope,
    tell: impl Fn(&Verified),
) -> Result<Verified, Error> {
    let mut verified = Verified::default();
    // What a checkpoint of before vouches for has to be there now.
    let (now, size) = database
        .transaction("audit_begin", |tx| {
            Ok::<_, Error>((tx.now()?, tx.audit_tree().size()?))
        })
        .await?;
    let fresh = (now - GRACE, now + GRACE);
    verified.finding = match scope.trail {
        Some(trail) => one(database, trail, fresh, &mut verified).await?,
        None => all(database, fresh, &mut verified, &tell).await?,
    };
    let whole = scope.trail.is_none() || !scope.checkpoints.is_empty();
    let lost = scope.lost();
    if verified.finding.is_none() && whole {
        let tree = tree(database, (size, fresh), scope.checkpoints, &mut verified, &tell);
        verified.finding = tree.await?;
    }
    verified.finding = verified.finding.or(lost);
    Ok(verified)
}

type Fresh = (Timestamp, Timestamp);

async fn one(
    database: &Database,
    id: TrailId,
    fresh: Fresh,
    verified: &mut Verified,
) -> Result<Option<Finding>, Error> {
    let (events, leaves, end) = database
        .transaction("audit_trail", move |tx| {
            let events = tx.trails().of(id)?;
            let leaves = tx.trails().leaves_of(id)?;
            Ok::<_, Error>((events, leaves, tx.events().end(id)?))
        })
        .await?;
    // The same statement that read the events knows best where they end.
    let end = events.last().map_or(end, |last| last.end);
    let events: Vec<Recorded> = events.into_iter().map(|chained| chained.event).collect();
    let subject = whose(end, &events);
    verified.count(subject, events.len());
    let trail = Trail {
        events: &events,
        leaves: &leaves,
        link: end.map(|end| end.link),
        fresh,
    };
    Ok(trail.diagnose().map(|(seq, kind)| Finding {
        kind,
        place: Place::in_trail(id, subject, seq),
    }))
}

/// Whose trail it is: whoever says that they have it. If nobody does, what happened tells copies from people.
fn whose(end: Option<End>, events: &[Recorded]) -> Option<Subject> {
    end.map(|end| end.subject)
        .or_else(|| events.first().and_then(Recorded::subject))
}

impl Verified {
    fn count(&mut self, subject: Option<Subject>, events: usize) {
        match subject {
            Some(Subject::Copy(_)) => self.copies += 1,
            Some(Subject::User(_)) => self.people += 1,
            None => {}
        }
        self.events += count(events);
    }
}

async fn all(
    database: &Database,
    fresh: Fresh,
    verified: &mut Verified,
    tell: impl Fn(&Verified),
) -> Result<Option<Finding>, Error> {
    let emptied = database
        .transaction("audit_emptied", |tx| tx.trails().emptied())
        .await?;
    if let Some(trail) = emptied {
        return one(database, trail, fresh, verified).await;
    }
    let (mut reading, mut rows) = (Reading::default(), 0);
    loop {
        let after = reading.after;
        let page = database
            .transaction("audit_events", move |tx| tx.trails().page(after, BATCH))
            .await?;
        let last = page.len() < usize::from(BATCH);
        rows += count(page.len());
        if rows.is_multiple_of(TOLD_EVERY) {
            tell(verified);
        }
        for chained in page {
            if let Some(whole) = reading.take(chained)
                && let Some(trail) = whole.suspect(fresh, verified)
            {
                return one(database, trail, fresh, verified).await;
            }
        }
        if last {
            let suspect = reading.whole.suspect(fresh, verified);
            return match suspect {
                Some(trail) => one(database, trail, fresh, verified).await,
                None => Ok(None),
            };
        }
    }
}

/// Puts pages together to whole trails.
#[derive(Default)]
struct Reading {
    after: Option<(TrailId, i64)>,
    whole: Whole,
}

/// One trail, as far as it has been read.
#[derive(Default)]
struct Whole {
    events: Vec<Recorded>,
    leaves: Vec<Leaf>,
    end: Option<End>,
}

impl Reading {
    /// Takes an event. Gives the trail that ended before it, if one did.
    fn take(&mut self, chained: Chained) -> Option<Whole> {
        let Chained { event, leaf, end } = chained;
        let other = self.after.is_some_and(|(trail, _)| trail != event.trail);
        let ended = other.then(|| std::mem::take(&mut self.whole));
        self.after = Some((event.trail, event.seq));
        self.whole.events.push(event);
        self.whole.leaves.extend(leaf);
        self.whole.end = end;
        ended
    }
}

impl Whole {
    /// Which trail it is, if something is wrong with it.
    fn suspect(&self, fresh: Fresh, verified: &mut Verified) -> Option<TrailId> {
        let id = self.events.first()?.trail;
        verified.count(whose(self.end, &self.events), self.events.len());
        let trail = Trail {
            events: &self.events,
            leaves: &self.leaves,
            link: self.end.map(|end| end.link),
            fresh,
        };
        trail.diagnose().map(|_wrong| id)
    }
}

/// Compares the tree with what checkpoints say of it, and looks whether the event of each leaf is there.
async fn tree(
    database: &Database,
    (size, fresh): (u64, Fresh),
    mut checkpoints: Vec<Root>,
    verified: &mut Verified,
    tell: impl Fn(&Verified),
) -> Result<Option<Finding>, Error> {
    checkpoints.sort_by_key(|root| root.size);
    let largest = checkpoints.last().map_or(0, |root| root.size);
    let mut comparison = Comparison {
        frontier: Frontier::default(),
        checkpoints: checkpoints.into(),
        agreed: 0,
    };
    while comparison.frontier.size() < size {
        let from = comparison.frontier.size();
        let page = database
            .transaction("audit_leaves", move |tx| tx.trails().leaves(from, BATCH))
            .await?;
        if page.is_empty() {
            break;
        }
        for planted in page {
            if !planted.present {
                return one(database, planted.leaf.trail, fresh, verified).await;
            }
            if !comparison.takes(planted, verified) {
                return Ok(Some(comparison.differs()));
            }
        }
        if verified.leaves.is_multiple_of(TOLD_EVERY) {
            tell(verified);
        }
    }
    Ok((largest > size).then_some(Finding {
        kind: Tampering::OlderThanCheckpoint,
        place: Place::Leaves(size..largest),
    }))
}

struct Comparison {
    frontier: Frontier,
    /// Those that are larger than the tree so far, the smallest first.
    checkpoints: std::collections::VecDeque<Root>,
    /// The size of the last one that agreed.
    agreed: u64,
}

impl Comparison {
    /// Takes the next leaf; false if it is not the next, or if the tree is then not what a checkpoint says.
    fn takes(&mut self, planted: Planted, verified: &mut Verified) -> bool {
        if planted.leaf.position != self.frontier.size() {
            return false;
        }
        self.frontier.push(planted.leaf.digest());
        verified.leaves += 1;
        while let Some(root) = self.checkpoints.front()
            && root.size <= self.frontier.size()
        {
            if root.size == self.frontier.size() && root.hash != self.frontier.root() {
                return false;
            }
            self.agreed = root.size;
            self.checkpoints.pop_front();
            verified.checkpoints += 1;
        }
        true
    }

    fn differs(&self) -> Finding {
        Finding {
            kind: Tampering::ChainRewritten,
            place: Place::Leaves(self.agreed..self.frontier.size()),
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
