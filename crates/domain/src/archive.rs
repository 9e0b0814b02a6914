//! Archives: the corrected documents of a release in one file.
//!
//! An archive is made in the background and kept for a while. Who wrote what is part of it, so it goes with the release
//! that it is of, and as soon as one of its copies is erased.

mod contents;
mod name;

pub use contents::{ArchivedCopy, Member, members};

use chrono::TimeDelta;

use crate::Timestamp;
use crate::audit::{Event, Exported, Metadata};
use crate::copy::Asked;
use crate::digest::{Digest, FileSize};
use crate::ids::{ArchiveId, CopyId, ExamId, Ids, JobId, ReleaseId, UserId};
use crate::job::{Job, JobState, Task};
use crate::release::{Publication, Release};

/// The corrected documents of a release in one file, or the order to make it. An exam has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive {
    /// Its id.
    pub id: ArchiveId,
    /// The exam.
    pub exam: ExamId,
    /// The release.
    pub release: ReleaseId,
    /// The job that makes it.
    pub job: JobId,
    /// What the job made.
    pub file: Option<ArchiveFile>,
}

/// The file of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveFile {
    /// The blob.
    pub digest: Digest,
    /// Its size.
    pub size: FileSize,
    /// How many documents it has.
    pub copies: u32,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// A new archive with the job that makes it.
#[derive(Debug)]
#[must_use = "an order that is not stored was not given"]
pub struct ArchiveOrder {
    archive: Archive,
    job: Job,
}

impl ArchiveOrder {
    /// The archive.
    #[must_use]
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Its job, which waits for a worker.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }
}

impl Release {
    /// Orders an archive of the release.
    pub fn archive(&self, by: UserId, ids: &Ids) -> ArchiveOrder {
        let job = Job::queued(Task::Archive(self.exam), by, ids);
        let archive = Archive {
            id: ids.next(),
            exam: self.exam,
            release: self.id,
            job: job.id,
            file: None,
        };
        ArchiveOrder { archive, job }
    }
}

impl Archive {
    /// Whether who wants an archive of `release` now gets this one: it is there, or on its way.
    #[must_use]
    pub fn serves(&self, release: &Release, job: JobState, now: Timestamp) -> bool {
        self.release == release.id
            && match job {
                JobState::Queued | JobState::Running => true,
                JobState::Succeeded => self.file_at(now).is_some(),
                JobState::Failed | JobState::Cancelled => false,
            }
    }

    /// Its file, if it is there and still kept.
    #[must_use]
    pub fn file_at(&self, now: Timestamp) -> Option<ArchiveFile> {
        self.file.filter(|file| now < file.expires_at)
    }

    /// Whether it was made, and is kept no longer.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.file.is_some_and(|file| file.expires_at <= now)
    }
}

/// Until when a file is kept that is made now.
#[must_use]
pub fn kept_until(now: Timestamp, kept: TimeDelta) -> Timestamp {
    now.checked_add_signed(kept).unwrap_or(Timestamp::MAX_UTC)
}

impl ArchiveFile {
    /// Somebody is given it, with the documents of these copies.
    pub fn handed_out(&self, copies: impl IntoIterator<Item = CopyId>, asked: Asked) -> Publication {
        let event = |copy: CopyId| Event {
            subject: copy.into(),
            actor: asked.actor(),
            operation: asked.operation,
            metadata: Metadata::Export {
                variant: Exported::Archive,
                sha256: self.digest.to_string(),
            },
        };
        Publication::in_order(copies.into_iter().map(event).collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn release(id: u128) -> Release {
        Release {
            id: Uuid::from_u128(id).into(),
            exam: Uuid::from_u128(1).into(),
            number: 1,
            by: Uuid::from_u128(7).into(),
            at: DateTime::UNIX_EPOCH,
            withdrawn: None,
        }
    }

    fn second(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn file(expires_at: Timestamp) -> ArchiveFile {
        ArchiveFile {
            digest: Digest::of(b"zip"),
            size: FileSize::new(22).unwrap(),
            copies: 2,
            expires_at,
        }
    }

    #[test]
    fn an_archive_serves_its_release_while_it_is_on_its_way_or_kept() {
        let order = release(2).archive(Uuid::from_u128(7).into(), &Ids::sequence());
        assert_eq!(order.job().task, Task::Archive(release(2).exam));
        assert_eq!(order.job().id, order.archive().job);
        let ordered = *order.archive();
        let file = Some(file(kept_until(second(10), TimeDelta::seconds(5))));
        let made = Archive { file, ..ordered };
        for (archive, release, job, now, expected) in [
            (ordered, release(2), JobState::Queued, 0, true),
            (ordered, release(2), JobState::Running, 0, true),
            (ordered, release(2), JobState::Failed, 0, false),
            (ordered, release(2), JobState::Cancelled, 0, false),
            (ordered, release(3), JobState::Queued, 0, false),
            (made, release(2), JobState::Succeeded, 14, true),
            (made, release(2), JobState::Succeeded, 15, false),
            (made, release(3), JobState::Succeeded, 14, false),
        ] {
            assert_eq!(archive.serves(&release, job, second(now)), expected);
        }
        assert!(!ordered.is_over(second(99)) && !made.is_over(second(14)) && made.is_over(second(15)));
    }

    #[test]
    fn whoever_gets_the_file_got_every_document_in_it() {
        let asked = Asked {
            by: Uuid::from_u128(7).into(),
            through: crate::access::Through::Api,
            operation: Uuid::from_u128(8).into(),
            now: second(20),
        };
        let copies = [9, 3].map(|copy| CopyId::from(Uuid::from_u128(copy)));
        let publication = file(second(30)).handed_out(copies, asked);
        let told: Vec<_> = publication
            .events()
            .iter()
            .map(|event| event.subject.copy())
            .collect();
        assert_eq!(told, [Some(copies[1]), Some(copies[0])]);
        let said = serde_json::to_value(&publication.events()[0].metadata).unwrap();
        assert_eq!(said["variant"], "archive");
        assert_eq!(said["sha256"], Digest::of(b"zip").to_string());
    }
}
