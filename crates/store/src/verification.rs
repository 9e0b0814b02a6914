//! Whether the trails and the tree are what was written: each chain and its end, each event against its leaf, and the
//! tree against the checkpoints of elsewhere.
//!
//! It reads in small parts, each in a transaction of its own, and keeps no more than the trail of one copy. Work goes
//! on meanwhile.

use chrono::TimeDelta;
use domain::audit::{Finding, Frontier, Leaf, Link, Place, Recorded, Root, Tampering, Trail};
use domain::{CopyId, Timestamp};

use crate::database::Database;
use crate::error::Error;
use crate::trails::{Chained, Planted};

/// How many rows are read at a time.
const BATCH: u16 = 500;
/// For how long an event may wait until it is in the tree.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// What is to be verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The trail of this copy only, if there is one.
    pub copy: Option<CopyId>,
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
    let mut verified = Verified::default();
    // What a checkpoint of before vouches for has to be there now.
    let (now, size) = database
        .transaction("audit_begin", |tx| {
            Ok::<_, Error>((tx.now()?, tx.audit_tree().size()?))
        })
        .await?;
    let fresh = (now - GRACE, now + GRACE);
    verified.finding = match scope.copy {
        Some(copy) => one(database, copy, fresh, &mut verified).await?,
        None => all(database, fresh, &mut verified).await?,
    };
    let whole = scope.copy.is_none() || !scope.checkpoints.is_empty();
    let lost = scope.lost();
    if verified.finding.is_none() && whole {
        verified.finding = tree(database, (size, fresh), scope.checkpoints, &mut verified).await?;
    }
    verified.finding = verified.finding.or(lost);
    Ok(verified)
}

type Fresh = (Timestamp, Timestamp);

async fn one(
    database: &Database,
    copy: CopyId,
    fresh: Fresh,
    verified: &mut Verified,
) -> Result<Option<Finding>, Error> {
    let (events, leaves, link) = database
        .transaction("audit_copy", move |tx| {
            let events = tx.trails().of(copy)?;
            let leaves = tx.trails().leaves_of(copy)?;
            Ok::<_, Error>((events, leaves, tx.events().link(copy)?))
        })
        .await?;
    verified.copies += 1;
    verified.events += count(events.len());
    // The same statement that read the events knows best where they end.
    let link = events.last().map_or(link, |last| last.link);
    let events: Vec<Recorded> = events.into_iter().map(|chained| chained.event).collect();
    let trail = Trail {
        events: &events,
        leaves: &leaves,
        link,
        fresh,
    };
    Ok(found(copy, trail.diagnose()))
}

fn found(copy: CopyId, diagnosis: Option<(i64, Tampering)>) -> Option<Finding> {
    diagnosis.map(|(seq, kind)| Finding {
        kind,
        place: Place::Event(copy, seq),
    })
}

async fn all(database: &Database, fresh: Fresh, verified: &mut Verified) -> Result<Option<Finding>, Error> {
    let emptied = database
        .transaction("audit_emptied", |tx| tx.trails().emptied())
        .await?;
    if let Some(copy) = emptied {
        return one(database, copy, fresh, verified).await;
    }
    let mut reading = Reading::default();
    loop {
        let after = reading.after;
        let page = database
            .transaction("audit_events", move |tx| tx.trails().page(after, BATCH))
            .await?;
        let last = page.len() < usize::from(BATCH);
        for chained in page {
            if let Some(whole) = reading.take(chained)
                && let Some(copy) = whole.suspect(fresh, verified)
            {
                return one(database, copy, fresh, verified).await;
            }
        }
        if last {
            let suspect = reading.whole.suspect(fresh, verified);
            return match suspect {
                Some(copy) => one(database, copy, fresh, verified).await,
                None => Ok(None),
            };
        }
    }
}

/// Puts pages together to whole trails.
#[derive(Default)]
struct Reading {
    after: Option<(CopyId, i64)>,
    whole: Whole,
}

/// The trail of one copy, as far as it has been read.
#[derive(Default)]
struct Whole {
    events: Vec<Recorded>,
    leaves: Vec<Leaf>,
    link: Option<Link>,
}

impl Reading {
    /// Takes an event. Gives the trail that ended before it, if one did.
    fn take(&mut self, chained: Chained) -> Option<Whole> {
        let Chained { event, leaf, link } = chained;
        let other = self.after.is_some_and(|(copy, _)| copy != event.copy);
        let ended = other.then(|| std::mem::take(&mut self.whole));
        self.after = Some((event.copy, event.seq));
        self.whole.events.push(event);
        self.whole.leaves.extend(leaf);
        self.whole.link = link;
        ended
    }
}

impl Whole {
    /// The copy, if something is wrong with its trail.
    fn suspect(&self, fresh: Fresh, verified: &mut Verified) -> Option<CopyId> {
        let copy = self.events.first()?.copy;
        verified.copies += 1;
        verified.events += count(self.events.len());
        let trail = Trail {
            events: &self.events,
            leaves: &self.leaves,
            link: self.link,
            fresh,
        };
        trail.diagnose().map(|_wrong| copy)
    }
}

/// Compares the tree with what checkpoints say of it, and looks whether the event of each leaf is there.
async fn tree(
    database: &Database,
    (size, fresh): (u64, Fresh),
    mut checkpoints: Vec<Root>,
    verified: &mut Verified,
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
                return one(database, planted.leaf.copy, fresh, verified).await;
            }
            if !comparison.takes(planted, verified) {
                return Ok(Some(comparison.differs()));
            }
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
