//! The store on a real server, with a database for each test.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod exams;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod throttles;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod users;
