//! What holds a child on this machine: tried, not believed.

use std::io;
use std::os::unix::ffi::OsStrExt as _;

use super::cause::{Cause, ChildError};
use super::directory::JobDirectory;
use super::protocol::{Confinement, Layer, Task, Trial};
use super::report::Verdict;
use super::run::Sandbox;

impl Sandbox {
    /// Has children try what none of them may do, and says which layers of confinement held. A layer that the kernel
    /// claims and a trial gets through counts as absent.
    pub async fn confinement(&self) -> Result<Confinement, ChildError> {
        let (claimed, reading) = self.refuses_with_claim(Trial::Read).await?;
        let files = reading && self.refuses(Trial::Peek).await? && self.refuses(Trial::Write).await?;
        let network = self.refuses(Trial::Connect).await?;
        let system_calls = self.refuses(Trial::Spawn).await?;
        let held = |layer, held: bool| if held { layer } else { Layer::Absent };
        Ok(Confinement {
            files: held(claimed.files, files),
            network: held(claimed.network, network),
            system_calls: held(claimed.system_calls, system_calls),
        })
    }

    async fn refuses(&self, trial: Trial) -> Result<bool, ChildError> {
        match self.attempt(trial).await {
            Ok(Verdict::Tried { refused, .. }) => Ok(refused),
            Ok(
                Verdict::Done(_)
                | Verdict::Corrected(_)
                | Verdict::Split(_)
                | Verdict::Read(_)
                | Verdict::Refused(_),
            ) => Err(Cause::Protocol.into()),
            // The kernel ended the child on the spot.
            Err(ChildError {
                cause: Cause::Forbidden,
                ..
            }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The same for a trial after which the child lives, with what the kernel claimed before.
    async fn refuses_with_claim(&self, trial: Trial) -> Result<(Confinement, bool), ChildError> {
        match self.attempt(trial).await? {
            Verdict::Tried { refused, confinement } => Ok((confinement, refused)),
            Verdict::Done(_)
            | Verdict::Corrected(_)
            | Verdict::Split(_)
            | Verdict::Read(_)
            | Verdict::Refused(_) => Err(Cause::Protocol.into()),
        }
    }

    async fn attempt(&self, trial: Trial) -> Result<Verdict, ChildError> {
        let job = self.directory().map_err(ChildError::parent)?;
        // Kept until the trial is over.
        let _neighbour = self.neighbour(&job).map_err(ChildError::parent)?;
        self.child(&job, Task::Try(trial), |_total| {}, |_made| {}).await
    }

    /// Another job with a document, and in this one the path to it.
    fn neighbour(&self, job: &JobDirectory) -> io::Result<JobDirectory> {
        let neighbour = self.directory()?;
        std::fs::write(neighbour.input(), b"%PDF-1.7")?;
        std::fs::write(job.input(), neighbour.input().as_os_str().as_bytes())?;
        Ok(neighbour)
    }
}
