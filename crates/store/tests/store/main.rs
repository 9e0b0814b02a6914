//! The store on a real server, with a database for each test.

#[cfg(test)]
mod annotations;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_tree;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod discarding;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod exams;
#[cfg(test)]
mod finalizing;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod reconciliation;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sequences;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod throttles;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod users;
