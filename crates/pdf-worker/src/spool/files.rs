//! The files of kept reports, one each. Everything here blocks.
//!
//! A report is whole or not there: it is written beside, brought to the disk and renamed. Its name begins with an id that
//! sorts by time. Whoever tells it locks the file, so that of several workers that share the directory only one does; the
//! lock of a worker that was killed ends with it.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Digest, Ids, JobId};
use uuid::Uuid;

use crate::failure::Failure;

/// A report that waits.
const REPORT: &str = "report";
/// One that nobody can tell.
const ASIDE: &str = "aside";
/// The beginning of the name of one that is being written.
const UNFINISHED: &str = ".new-";
/// What is being written for longer than this, nobody writes any more.
const ABANDONED: Duration = Duration::from_mins(1);
/// How many reports may wait. Who cannot claim has no failures, so there are few.
const MOST: usize = 1_000;
/// No report comes near this.
const LONGEST: u64 = 4_096;

/// A directory of reports.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    ids: Ids,
}

/// What is in the directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stock {
    pub(super) waiting: usize,
    pub(super) aside: usize,
    /// For how long the oldest report has waited.
    pub(super) oldest: Duration,
}

/// A report that is this process's to tell.
#[derive(Debug)]
pub(super) struct Taken {
    path: PathBuf,
    /// None if it is not what was written.
    pub(super) failure: Option<Failure>,
    _lock: File,
}

impl Files {
    /// Opens the directory, which is made if it is missing, for this user alone.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        if let Some(parent) = directory.parent().filter(|parent| parent.is_dir()) {
            File::open(parent)?.sync_all()?;
        }
        Ok(Self {
            directory: directory.to_owned(),
            ids: Ids::time_ordered(),
        })
    }

    /// Keeps a report. When this returns, it survives the process and the machine.
    pub(super) fn keep(&self, failure: &Failure) -> io::Result<()> {
        if self.ending(REPORT)?.len() >= MOST {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.directory)?;
        file.write_all(&sealed(failure)?)?;
        file.as_file().sync_all()?;
        let name = format!("{}.{}.{REPORT}", self.ids.next::<Uuid>(), failure.job);
        file.persist(self.directory.join(name))
            .map_err(|failed| failed.error)?;
        self.sync()
    }

    /// Whether a report of this job waits.
    pub(super) fn holds(&self, job: JobId) -> io::Result<bool> {
        let end = format!(".{job}.{REPORT}");
        let names = names(&self.directory)?;
        Ok(names.iter().any(|name| name.ends_with(&end)))
    }

    /// The reports that wait, oldest first.
    pub(super) fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut waiting = self.ending(REPORT)?;
        waiting.sort_unstable();
        Ok(waiting)
    }

    /// Takes a report that waits; none if another worker has it, or has told it.
    pub(super) fn take(path: PathBuf) -> io::Result<Option<Taken>> {
        // A network file system gives such a lock only to who may write.
        let Some(mut file) = if_there(File::options().read(true).write(true).open(&path))? else {
            return Ok(None);
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it before may have told it, or put it aside.
        if file.metadata()?.nlink() == 0 || !path.try_exists()? {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        (&mut file).take(LONGEST).read_to_end(&mut bytes)?;
        Ok(Some(Taken {
            path,
            failure: unsealed(&bytes),
            _lock: file,
        }))
    }

    /// Removes a report that was told.
    pub(super) fn done(&self, taken: &Taken) -> io::Result<()> {
        fs::remove_file(&taken.path)?;
        self.sync()
    }

    /// Puts a report that cannot be told where people find it.
    pub(super) fn set_aside(&self, taken: &Taken) -> io::Result<()> {
        fs::rename(&taken.path, taken.path.with_extension(ASIDE))?;
        self.sync()
    }

    /// Removes what was never finished, and says what is there.
    pub(super) fn look(&self) -> io::Result<Stock> {
        self.tidy()?;
        let waiting = self.waiting()?;
        let oldest = match waiting.first() {
            Some(first) => if_there(fs::metadata(first))?.map_or(Duration::ZERO, |found| age(&found)),
            None => Duration::ZERO,
        };
        Ok(Stock {
            waiting: waiting.len(),
            aside: self.ending(ASIDE)?.len(),
            oldest,
        })
    }

    fn tidy(&self) -> io::Result<()> {
        for name in names(&self.directory)? {
            let path = self.directory.join(&name);
            if name.starts_with(UNFINISHED)
                && if_there(fs::metadata(&path))?.is_some_and(|found| age(&found) > ABANDONED)
            {
                if_there(fs::remove_file(&path))?;
            }
        }
        Ok(())
    }

    fn ending(&self, extension: &str) -> io::Result<Vec<PathBuf>> {
        let paths = names(&self.directory)?
            .into_iter()
            .map(|name| self.directory.join(name));
        Ok(paths
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

fn names(directory: &Path) -> io::Result<Vec<String>> {
    // A name that is no text is not one of ours.
    fs::read_dir(directory)?
        .filter_map(|entry| {
            entry
                .map(|entry| entry.file_name().into_string().ok())
                .transpose()
        })
        .collect()
}

fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A clock that was set back makes everything young.
fn age(found: &fs::Metadata) -> Duration {
    let since = found.modified().ok().and_then(|modified| modified.elapsed().ok());
    since.unwrap_or_default()
}

/// A line with the digest of what follows, so that a file that was torn or altered is known as such.
fn sealed(failure: &Failure) -> io::Result<Vec<u8>> {
    let content = serde_json::to_vec(failure)?;
    let mut bytes = format!("{}\n", Digest::of(&content)).into_bytes();
    bytes.extend(content);
    Ok(bytes)
}

fn unsealed(bytes: &[u8]) -> Option<Failure> {
    let newline = bytes.iter().position(|byte| *byte == b'\n')?;
    let (digest, content) = bytes.split_at_checked(newline)?;
    let content = content.strip_prefix(b"\n")?;
    let is_whole = digest == Digest::of(content).to_string().as_bytes();
    is_whole.then(|| serde_json::from_slice(content).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use domain::FailureCode;

    use super::*;
    use crate::kind::Kind;

    fn failure(job: JobId) -> Failure {
        Failure {
            job,
            worker: Ids::sequence().next(),
            fence: 7,
            error: FailureCode::Timeout,
            kind: Kind::Finalize(2),
            duration: Duration::from_millis(1_500),
            origin: vec![("x-request-id".to_owned(), "a-request-of-a-test".to_owned())],
        }
    }

    fn kept(files: &Files) -> (JobId, PathBuf) {
        let job = Ids::time_ordered().next();
        files.keep(&failure(job)).unwrap();
        (job, files.waiting().unwrap().pop().unwrap())
    }

    #[test]
    fn a_report_comes_back_as_it_was_kept_the_oldest_first_and_is_for_this_user_alone() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(&home.path().join("reports")).unwrap();
        let jobs = [kept(&files).0, kept(&files).0, kept(&files).0];
        assert_eq!(files.look().unwrap().waiting, 3);
        for (job, path) in jobs.into_iter().zip(files.waiting().unwrap()) {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let taken = Files::take(path).unwrap().unwrap();
            assert_eq!(taken.failure, Some(failure(job)));
            assert!(files.holds(job).unwrap());
            files.done(&taken).unwrap();
            assert!(!files.holds(job).unwrap());
        }
        assert_eq!(files.look().unwrap(), Stock::default());
    }

    #[test]
    fn a_report_that_another_worker_tells_is_left_alone_and_one_that_it_told_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        let (_, path) = kept(&files);
        let theirs = Files::take(path.clone()).unwrap();
        assert!(Files::take(path.clone()).unwrap().is_none());
        // It was killed: the next one finds the report again.
        drop(theirs);
        let ours = Files::take(path.clone()).unwrap().unwrap();
        files.done(&ours).unwrap();
        assert!(Files::take(path).unwrap().is_none());
    }

    #[test]
    fn whatever_is_torn_off_or_altered_a_file_is_not_taken_for_a_report() {
        let whole = sealed(&failure(Ids::sequence().next())).unwrap();
        assert!(unsealed(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(unsealed(&whole[..length]), None, "torn at {length}");
        }
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            assert_eq!(unsealed(&altered), None, "altered at {at}");
        }
        let strange = br#"{"version":2}"#;
        let sealed = [format!("{}\n", Digest::of(strange)).as_bytes(), strange].concat();
        assert_eq!(unsealed(&sealed), None, "of another version");
    }

    #[test]
    fn what_cannot_be_told_is_set_aside_and_strange_files_are_not_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        let (job, path) = kept(&files);
        fs::write(&path, "half a rep").unwrap();
        fs::write(home.path().join("notes"), "of somebody").unwrap();
        let taken = Files::take(path).unwrap().unwrap();
        assert_eq!(taken.failure, None);
        files.set_aside(&taken).unwrap();
        let stock = files.look().unwrap();
        assert_eq!((stock.waiting, stock.aside), (0, 1));
        assert!(!files.holds(job).unwrap());
    }

    #[test]
    fn what_was_never_finished_is_removed_when_nobody_writes_it_any_more() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        let (old, new) = (home.path().join(".new-old"), home.path().join(".new-new"));
        fs::write(&old, "half a rep").unwrap();
        fs::write(&new, "half a rep").unwrap();
        let then = fs::metadata(&old).unwrap().modified().unwrap() - 2 * ABANDONED;
        File::options()
            .write(true)
            .open(&old)
            .unwrap()
            .set_modified(then)
            .unwrap();
        assert_eq!(files.look().unwrap(), Stock::default());
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let files = Files::open(home.path()).unwrap();
        for number in 0..MOST {
            fs::write(home.path().join(format!("{number}.{REPORT}")), "").unwrap();
        }
        let refused = files.keep(&failure(Ids::sequence().next())).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::QuotaExceeded);
    }
}
