//! Ways of telling, compared: each in every round.

use std::io::Write as _;

use crate::arguments::Arguments;
use crate::report;
use crate::round::{self, Round};

/// Measures each way in each round.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Vec<Round>> {
    let mut rounds = Vec::new();
    for number in 1..=arguments.rounds {
        // Nobody is first in every round: what one leaves behind would be another's.
        let mut modes = arguments.modes.clone();
        modes.rotate_left(usize::try_from(number - 1)? % arguments.modes.len().max(1));
        for mode in modes {
            let round = round::run(arguments, mode, number).await?;
            writeln!(std::io::stderr(), "{}", report::line(&round))?;
            rounds.push(round);
        }
    }
    Ok(rounds)
}
