//! The grading service as its callers see it: the real application on a free port, on a database and a
//! virtual host of its own, asked over gRPC by the generated clients.
//!
//! How workers and the gateway behave is tested with them; the flow through all three by the system tests.

#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod completions;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod registrations;
#[cfg(test)]
mod relaying;
#[cfg(test)]
mod service_token;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod worker;
