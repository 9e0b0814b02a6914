//! More than the system can do: how much it carries, what becomes of twice that, and how soon it is well again.

use std::io::Write as _;
use std::time::Duration;

use testkit::System;

use crate::arguments::Arguments;
use crate::copies::{self, Copy};
use crate::load::{self, Answered};
use crate::plan::plan;

/// So many people who never pause ask for all that the system can do, and no more than it lets in.
const PEOPLE: usize = 32;
/// More than any system on one machine carries in a second.
const PLENTY: u32 = 5_000;
/// Of a hundred that it carries, so many are asked for when it is well.
const USUAL: u32 = 70;
/// And so many when it is not.
const TWICE: u32 = 200;
/// And so many while scans come.
const BESIDE_SCANS: u32 = 40;
/// So many scans for each second of that, all of which are there from the beginning.
const SCANS: u32 = 6;
/// By so many people at a time who never pause.
const UPLOADERS: usize = 4;

/// What was seen.
pub(crate) struct Seen {
    /// Requests in a second that are answered well when everybody waits for their answer before they ask again.
    pub(crate) capacity: u32,
    /// What is usual, twice of what can be done, and what is usual again, one at once after the other.
    pub(crate) phases: [Phase; 3],
    /// What is less than usual, while a heap of scans is uploaded and imported.
    pub(crate) beside: Phase,
    /// How many of these were uploaded and how many imported by the end of it.
    pub(crate) scans: (usize, i64),
}

/// What was asked for, and what became of it.
pub(crate) struct Phase {
    pub(crate) name: &'static str,
    /// Requests that were due in a second.
    pub(crate) rate: u32,
    pub(crate) answers: Vec<Answered>,
}

/// Measures. When it is over the books of the system are looked at, as after every test.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Seen> {
    let builder = if arguments.durable {
        System::builder().own_database().own_broker()
    } else {
        System::builder()
    };
    let system = builder.start().await;
    let copies = copies::locked(&system, arguments.copies).await;
    let seconds = Duration::from_secs(arguments.seconds.into());
    let mut asked = 0;
    let mut capacity = 0;
    // The first time it only warms up.
    for seed in [1, 2] {
        let planned = plan(PLENTY, arguments.seconds, arguments.mix, copies.len(), seed);
        let answers = load::saturate(&copies, &planned, asked, (PEOPLE, seconds)).await;
        let well = answers.iter().filter(|answer| answer.well).count();
        capacity = u32::try_from(well)? / arguments.seconds.max(1);
        asked += planned.len();
    }
    writeln!(std::io::stderr(), "it carries {capacity} requests in a second")?;
    let mut phase = Phases {
        arguments,
        copies: &copies,
        asked,
    };
    let phases = [
        phase.run("70 % of it", capacity * USUAL / 100).await?,
        phase.run("twice of it", capacity * TWICE / 100).await?,
        phase.run("70 % again, at once", capacity * USUAL / 100).await?,
    ];
    let heap = copies::heap(&system, SCANS * arguments.seconds).await;
    let before = system.count(IMPORTED);
    let (beside, uploaded) = tokio::join!(
        phase.run("40 % of it, while scans come", capacity * BESIDE_SCANS / 100),
        heap.upload(UPLOADERS, seconds)
    );
    let imported = system.count(IMPORTED) - before;
    system.settle().await;
    Ok(Seen {
        capacity,
        phases,
        beside: beside?,
        scans: (uploaded, imported),
    })
}

const IMPORTED: &str = "SELECT count(*) FROM grading.jobs WHERE kind = 'IMPORT_COPY' AND state = 'SUCCEEDED'";

struct Phases<'a> {
    arguments: &'a Arguments,
    copies: &'a [Copy],
    asked: usize,
}

impl Phases<'_> {
    async fn run(&mut self, name: &'static str, rate: u32) -> anyhow::Result<Phase> {
        let Arguments {
            seconds, mix, seed, ..
        } = *self.arguments;
        let plan = plan(rate, seconds, mix, self.copies.len(), seed);
        let answers = load::send(self.copies, &plan, self.asked).await;
        self.asked += plan.len();
        let well = answers.iter().filter(|answer| answer.well).count();
        writeln!(
            std::io::stderr(),
            "{name}: {well} of {} answered well",
            answers.len()
        )?;
        Ok(Phase { name, rate, answers })
    }
}
