//! Settings about people: invitations, and how failed guesses are throttled.

use std::time::Duration;

use clap::Args;
use service::config::period;

/// Everything about people.
#[derive(Args)]
pub(crate) struct People {
    /// For how long an invitation to choose a password is good.
    #[arg(long, env = "KORRIGO_INVITATION_LIFETIME", default_value = "168h", value_parser = period)]
    pub(crate) invitation_lifetime: Duration,

    /// The size of the largest list of pupils that is taken in, in bytes.
    #[arg(long, env = "KORRIGO_MAX_ROSTER_BYTES", default_value_t = 10 * 1024 * 1024, value_parser = clap::value_parser!(u32).range(1024..=100 * 1024 * 1024))]
    pub(crate) max_roster_bytes: u32,

    /// How many wrong passwords of one login, within the window of logins, have no consequence.
    #[arg(long, env = "KORRIGO_LOGIN_FAILURES", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) login_failures: u32,

    /// For how long wrong passwords of one login are counted together.
    #[arg(long, env = "KORRIGO_LOGIN_WINDOW", default_value = "1h", value_parser = period)]
    pub(crate) login_window: Duration,

    /// How many wrong passwords and invitations from one client address, within the window of addresses, have no consequence. A whole school may be behind one.
    #[arg(long, env = "KORRIGO_ADDRESS_FAILURES", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) address_failures: u32,

    /// For how long failures from one client address are counted together.
    #[arg(long, env = "KORRIGO_ADDRESS_WINDOW", default_value = "15m", value_parser = period)]
    pub(crate) address_window: Duration,

    /// How long the first failure too many blocks its login or address. Each further one blocks for twice as long.
    #[arg(long, env = "KORRIGO_FIRST_BLOCK", default_value = "30s", value_parser = period)]
    pub(crate) first_block: Duration,

    /// The longest time that failures block a login or an address.
    #[arg(long, env = "KORRIGO_LONGEST_BLOCK", default_value = "15m", value_parser = period)]
    pub(crate) longest_block: Duration,
}
