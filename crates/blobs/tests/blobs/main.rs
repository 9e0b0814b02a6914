//! The store on a real file system, in a directory for each test.

#[cfg(test)]
mod harness;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sweeping;
#[cfg(test)]
mod writing;
