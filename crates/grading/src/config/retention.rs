//! Settings about for how long things are kept.

use std::time::Duration;

use clap::Args;
use domain::retention::Periods;
use service::config::period;

/// Everything about retention. Nothing but archives, which can be made again, is erased by itself: `korrigo retention
/// purge` does it.
#[derive(Args)]
pub(crate) struct Retention {
    /// How many days after its exam the pages, documents and words of a copy are kept. Without it, for ever.
    #[arg(long = "retention-copies", env = "KORRIGO_RETENTION_COPIES", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    copies: Option<u32>,

    /// How many days the same is kept of a copy that was put aside. Without it, as long as of the others.
    #[arg(long = "retention-discarded", env = "KORRIGO_RETENTION_DISCARDED", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    discarded: Option<u32>,

    /// How many days after their last exam it is known who a pupil is. Without it, for ever.
    #[arg(long = "retention-pupils", env = "KORRIGO_RETENTION_PUPILS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pupils: Option<u32>,

    /// For how long an archive of corrected documents is kept after it was made. Then it is gone by itself, and can be ordered again.
    #[arg(long = "archives-kept", env = "KORRIGO_ARCHIVES_KEPT", default_value = "24h", value_parser = period)]
    pub(crate) archives: Duration,
}

impl Retention {
    /// The periods.
    pub(crate) fn periods(&self) -> Periods {
        Periods {
            copies: self.copies,
            discarded: self.discarded,
            pupils: self.pupils,
        }
    }
}
