//! The gateway as a client sees it: the real application on a free port, a real blob store, and a peer that
//! plays the grading service on the other side of gRPC.
//!
//! The flow through the real grading service is tested by the system tests.

#[cfg(test)]
mod annotations;
#[cfg(test)]
mod any_body;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod cors;
#[cfg(test)]
mod document;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod drafts;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod exams;
#[cfg(test)]
mod finalizing;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod job_events;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod marking_schemes;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod observed;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod overload;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod system;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod users;
