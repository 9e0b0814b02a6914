//! The store on a real file system, in a directory for each test, and in the bucket of a server that is not ours.

#[cfg(test)]
mod anywhere;
#[cfg(test)]
mod bucket;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sweeping;
#[cfg(test)]
mod writing;
