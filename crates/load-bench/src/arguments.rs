//! What is asked of a run.

use std::path::PathBuf;

use crate::mode::Mode;
use crate::plan::Mix;

/// Sends requests at a fixed rate, whatever becomes of earlier ones, and says how long they took.
#[derive(Debug, clap::Parser)]
#[command(name = "korrigo-load-bench", version)]
pub(crate) struct Arguments {
    /// How many requests are due in a second.
    #[arg(long, default_value_t = 100)]
    pub(crate) rate: u32,

    /// For how many seconds they are measured.
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u32,

    /// For how many seconds they come before that.
    #[arg(long, default_value_t = 5)]
    pub(crate) warm_up: u32,

    /// Of hundred requests, how many read a copy, set points and write an annotation.
    #[arg(long, default_value = "60,20,20")]
    pub(crate) mix: Mix,

    /// How many copies there are, each under a lock.
    #[arg(long, default_value_t = 8)]
    pub(crate) copies: u32,

    /// How the system tells of itself. One after the other in each round.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "off,on,black-hole,nobody"
    )]
    pub(crate) modes: Vec<Mode>,

    /// Instead of that: how much the system carries, what becomes of twice that, and of little afterwards.
    #[arg(long, conflicts_with_all = ["rate", "modes", "rounds", "warm_up"])]
    pub(crate) overload: bool,

    /// Instead of that: an exam of a large school, step by step.
    #[arg(long, conflicts_with_all = ["rate", "seconds", "modes", "rounds", "warm_up", "overload", "durable"])]
    pub(crate) office: bool,

    /// How many pupils that school has.
    #[arg(long, default_value_t = 5000, requires = "office")]
    pub(crate) pupils: u32,

    /// How often each is measured.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,

    /// With a database and a broker that wait for the disk.
    #[arg(long)]
    pub(crate) durable: bool,

    /// When requests are due, and which, follows from it.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the report goes, if not to the terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}
