//! What a worker tells the grading service and what it makes of the answers: the real binary, a real broker,
//! and a peer that plays the grading service.
//!
//! The flow through the real grading service is tested by the system tests.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod archives;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod spooled;
