//! One scan of many copies: how it is taken apart, and what becomes of every page of it.
//!
//! Conservation: every page of the scan, or both of its halves, is in exactly one booklet. What does not come out even
//! is never guessed at: it is an anomaly, for people to look at.

use std::collections::BTreeSet;

use crate::copy::{Copy, NewCopy, Registration};
use crate::digest::{Digest, FileSize};
use crate::exam::Layout;
use crate::failure::FailureCode;
use crate::ids::{BatchId, ExamId, Ids, UserId};
use crate::job::{Job, Task};
use crate::page::{PageCount, PageIndex};

/// How a scan is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitting {
    /// Pages of A4 per copy.
    pub pages_per_copy: PageCount,
    /// The paper that was scanned.
    pub layout: Layout,
}

closed_names! {
    /// How much of a page of the scan.
    Part {
        /// All of it.
        Whole = "whole",
        /// The left half, as displayed.
        Left = "left",
        /// The right half, as displayed.
        Right = "right",
    }
}

/// A page of the scan, or a half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Which page of the scan.
    pub page: PageIndex,
    /// How much of it.
    pub part: Part,
}

closed_names! {
    /// What can be odd about a scan.
    AnomalyKind {
        /// The booklet that begins on this page has fewer pages than a copy.
        Incomplete = "incomplete",
        /// The page is no sheet of two pages: it was kept whole.
        NotASheet = "not_a_sheet",
        /// The page is the front of a folded sheet whose back does not follow.
        NoBack = "no_back",
    }
}

/// Something that people have to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anomaly {
    /// What it is.
    pub kind: AnomalyKind,
    /// Where in the scan.
    pub page: PageIndex,
}

/// A scan of many copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// The exam that its copies belong to.
    pub exam: ExamId,
    /// The blob.
    pub source: Digest,
    /// Its size.
    pub size: FileSize,
    /// How it is taken apart: what the exam said when it came.
    pub splitting: Splitting,
    /// Where it stands.
    pub state: BatchState,
}

closed_names! {
    /// Where a batch stands.
    BatchStatus {
        /// Waiting to be taken apart.
        Pending = "PENDING",
        /// Every page is in a copy.
        Split = "SPLIT",
        /// It cannot be taken apart.
        Failed = "FAILED",
    }
}

/// Where a batch stands, with what is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Waiting to be taken apart.
    Pending,
    /// Every page is in a copy.
    Split {
        /// How many pages the scan has.
        pages: PageCount,
    },
    /// It cannot be taken apart.
    Failed {
        /// Why not.
        code: FailureCode,
    },
}

impl BatchState {
    /// The name of the state.
    #[must_use]
    pub fn status(self) -> BatchStatus {
        match self {
            Self::Pending => BatchStatus::Pending,
            Self::Split { .. } => BatchStatus::Split,
            Self::Failed { .. } => BatchStatus::Failed,
        }
    }
}

/// What is known of a batch before it exists.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch {
    /// The exam that its copies will belong to.
    pub exam: ExamId,
    /// The blob.
    pub source: Digest,
    /// The size of the blob.
    pub size: FileSize,
    /// How it is to be taken apart.
    pub splitting: Splitting,
    /// Who uploaded it.
    pub by: UserId,
}

/// A new batch with the job that will take it apart. Only the store can record it.
#[derive(Debug)]
#[must_use = "a batch that is not recorded did not come"]
pub struct BatchRegistration {
    batch: Batch,
    job: Job,
}

impl BatchRegistration {
    /// The batch, PENDING.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The job, QUEUED.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }
}

/// What a worker made of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// How many pages it has.
    pub pages: PageCount,
    /// Its booklets, in order.
    pub booklets: Vec<Cut>,
    /// What people have to look at.
    pub anomalies: Vec<Anomaly>,
}

/// One copy's pages, cut out of the scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The blob with them.
    pub source: Digest,
    /// The size of the blob.
    pub size: FileSize,
    /// What they are in the scan, in the order of reading.
    pub pieces: Vec<Piece>,
}

/// A batch that was taken apart, with the copies that came of it. Only the store can record it.
#[derive(Debug)]
#[must_use = "a split that is not recorded did not happen"]
pub struct Split {
    batch: Batch,
    copies: Vec<(Registration, Vec<Piece>)>,
    anomalies: Vec<Anomaly>,
}

impl Split {
    /// The batch, SPLIT.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Its copies in the order of the scan, each with its pages.
    #[must_use]
    pub fn copies(&self) -> impl ExactSizeIterator<Item = (&Registration, &[Piece])> {
        self.copies
            .iter()
            .map(|(registration, pieces)| (registration, pieces.as_slice()))
    }

    /// What people have to look at.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }
}

/// Why the end of a batch was refused. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSplit {
    /// The batch has ended before.
    #[error("the batch is {0}")]
    WrongState(BatchStatus),
    /// A page is in no booklet, or in more than one, or a booklet has none.
    #[error("not every page is in exactly one booklet")]
    NotConserved,
    /// Something odd is told twice, or of a page that the scan does not have.
    #[error("the anomalies make no sense")]
    Senseless,
}

impl Splitting {
    /// `None` where the pages of a copy would begin or end in the middle of a sheet: a sheet of A3 has two pages, a folded
    /// one four.
    #[must_use]
    pub fn new(pages_per_copy: PageCount, layout: Layout) -> Option<Self> {
        let per_sheet = match layout {
            Layout::A4 => 1,
            Layout::A3 => 2,
            Layout::A3Folded => 4,
        };
        pages_per_copy.get().is_multiple_of(per_sheet).then_some(Self {
            pages_per_copy,
            layout,
        })
    }
}

impl Batch {
    /// A new batch, and the job that takes it apart.
    pub fn register(new: NewBatch, ids: &Ids) -> BatchRegistration {
        let id = ids.next();
        let batch = Self {
            id,
            exam: new.exam,
            source: new.source,
            size: new.size,
            splitting: new.splitting,
            state: BatchState::Pending,
        };
        BatchRegistration {
            job: Job::queued(Task::Split(id), new.by, ids),
            batch,
        }
    }

    /// The worker took it apart: a copy of each booklet, uploaded by who uploaded the scan.
    pub fn split(self, scan: &Scan, by: UserId, ids: &Ids) -> Result<Split, NotSplit> {
        self.must_be_pending()?;
        if !is_conserved(scan.pages, scan.booklets.iter().map(|cut| cut.pieces.as_slice()))
            || scan.booklets.iter().any(|cut| cut.pieces.is_empty())
        {
            return Err(NotSplit::NotConserved);
        }
        let anomalies = BTreeSet::from_iter(&scan.anomalies);
        if anomalies.len() < scan.anomalies.len()
            || anomalies
                .iter()
                .any(|anomaly| anomaly.page.get() >= scan.pages.get())
        {
            return Err(NotSplit::Senseless);
        }
        let exam = self.exam;
        let copy = |cut: &Cut| {
            let new = NewCopy {
                exam,
                source: cut.source,
                size: cut.size,
                by,
            };
            (Copy::register(new, ids), cut.pieces.clone())
        };
        Ok(Split {
            copies: scan.booklets.iter().map(copy).collect(),
            anomalies: scan.anomalies.clone(),
            batch: Self {
                state: BatchState::Split { pages: scan.pages },
                ..self
            },
        })
    }

    /// The last attempt to take it apart failed.
    pub fn fail(self, code: FailureCode) -> Result<Self, NotSplit> {
        self.must_be_pending()?;
        Ok(Self {
            state: BatchState::Failed { code },
            ..self
        })
    }

    fn must_be_pending(&self) -> Result<(), NotSplit> {
        match self.state {
            BatchState::Pending => Ok(()),
            BatchState::Split { .. } | BatchState::Failed { .. } => {
                Err(NotSplit::WrongState(self.state.status()))
            }
        }
    }
}

/// Whether every page of a scan is in the booklets once: whole, or as both of its halves.
#[must_use]
pub fn is_conserved<'a>(pages: PageCount, booklets: impl IntoIterator<Item = &'a [Piece]>) -> bool {
    let mut halves = vec![[0_u32; 2]; usize::from(pages.get())];
    for piece in booklets.into_iter().flatten() {
        let Some([left, right]) = halves.get_mut(usize::from(piece.page.get())) else {
            return false;
        };
        *left += u32::from(piece.part != Part::Right);
        *right += u32::from(piece.part != Part::Left);
    }
    halves.iter().all(|counts| *counts == [1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{JobKind, JobState};
    use crate::status::Status;

    fn piece(page: u32, part: Part) -> Piece {
        let page = PageIndex::new(page).unwrap();
        Piece { page, part }
    }

    fn pages(count: usize) -> PageCount {
        PageCount::new(count).unwrap()
    }

    fn cut(byte: u8, pieces: &[Piece]) -> Cut {
        Cut {
            source: Digest::of(&[byte]),
            size: FileSize::new(1).unwrap(),
            pieces: pieces.to_vec(),
        }
    }

    fn pending(ids: &Ids) -> BatchRegistration {
        let new = NewBatch {
            exam: ids.next(),
            source: Digest::of(b"scan"),
            size: FileSize::new(4).unwrap(),
            splitting: Splitting {
                pages_per_copy: pages(1),
                layout: Layout::A4,
            },
            by: ids.next(),
        };
        Batch::register(new, ids)
    }

    fn scan() -> Scan {
        Scan {
            pages: pages(2),
            booklets: vec![
                cut(1, &[piece(0, Part::Whole)]),
                cut(2, &[piece(1, Part::Right), piece(1, Part::Left)]),
            ],
            anomalies: Vec::new(),
        }
    }

    #[test]
    fn a_batch_begins_pending_with_a_job_that_takes_it_apart() {
        let registration = pending(&Ids::sequence());
        let (batch, job) = (registration.batch(), registration.job());
        assert_eq!(batch.state, BatchState::Pending);
        assert_eq!((job.task, job.state), (Task::Split(batch.id), JobState::Queued));
    }

    #[test]
    fn each_booklet_becomes_a_copy_in_staging_with_a_job_of_its_own() {
        let ids = Ids::sequence();
        let (batch, by) = (pending(&ids).batch().clone(), ids.next());
        let split = batch.split(&scan(), by, &ids).unwrap();
        assert_eq!(split.batch().state, BatchState::Split { pages: pages(2) });
        assert_eq!(split.copies().len(), 2);
        for ((registration, pieces), cut) in split.copies().zip(&scan().booklets) {
            let (copy, job) = (registration.copy(), registration.job());
            assert_eq!(copy.state.status(), Status::Staging);
            assert_eq!(copy.exam, split.batch().exam);
            assert_eq!(copy.booklets[0].source, cut.source);
            assert_eq!((job.task.kind(), job.owner), (JobKind::ImportCopy, by));
            assert_eq!(pieces, cut.pieces);
        }
    }

    #[test]
    fn a_batch_ends_once() {
        let ids = Ids::sequence();
        let batch = pending(&ids).batch().clone();
        let split = batch.clone().split(&scan(), ids.next(), &ids).unwrap().batch;
        let failed = batch.fail(FailureCode::InvalidPdf).unwrap();
        for (ended, status) in [(split, BatchStatus::Split), (failed, BatchStatus::Failed)] {
            let refused = Some(NotSplit::WrongState(status));
            assert_eq!(ended.clone().split(&scan(), ids.next(), &ids).err(), refused);
            assert_eq!(ended.fail(FailureCode::Timeout).err(), refused);
        }
    }

    #[test]
    fn what_is_odd_is_told_once_and_of_pages_that_are_there() {
        let ids = Ids::sequence();
        let anomaly = |page| Anomaly {
            kind: AnomalyKind::NoBack,
            page: PageIndex::new(page).unwrap(),
        };
        for (anomalies, expected) in [
            (vec![anomaly(0), anomaly(1)], None),
            (vec![anomaly(0), anomaly(0)], Some(NotSplit::Senseless)),
            (vec![anomaly(2)], Some(NotSplit::Senseless)),
        ] {
            let scan = Scan { anomalies, ..scan() };
            let split = pending(&ids).batch().clone().split(&scan, ids.next(), &ids);
            assert_eq!(split.err(), expected);
        }
    }

    #[test]
    fn copies_begin_and_end_with_a_sheet() {
        let allowed = |count, layout| Splitting::new(pages(count), layout).is_some();
        assert!(allowed(3, Layout::A4) && !allowed(3, Layout::A3) && allowed(6, Layout::A3));
        assert!(!allowed(6, Layout::A3Folded) && allowed(8, Layout::A3Folded));
    }

    #[test]
    fn a_lost_or_a_doubled_half_is_noticed() {
        let whole = piece(0, Part::Whole);
        let (left, right) = (piece(0, Part::Left), piece(0, Part::Right));
        assert!(is_conserved(pages(1), [&[whole][..]]));
        assert!(is_conserved(pages(1), [&[right][..], &[left]]));
        for wrong in [
            &[left][..],
            &[whole, left],
            &[whole, whole],
            &[],
            &[piece(1, Part::Whole)],
        ] {
            assert!(!is_conserved(pages(1), [wrong]), "{wrong:?}");
        }
        assert!(!is_conserved(pages(2), [&[whole][..]]));

        let ids = Ids::sequence();
        let lost = Scan {
            pages: pages(3),
            ..scan()
        };
        let empty = Scan {
            booklets: [scan().booklets, vec![cut(3, &[])]].concat(),
            ..scan()
        };
        for wrong in [lost, empty] {
            let refused = pending(&ids).batch().clone().split(&wrong, ids.next(), &ids);
            assert_eq!(refused.err(), Some(NotSplit::NotConserved));
        }
    }
}
