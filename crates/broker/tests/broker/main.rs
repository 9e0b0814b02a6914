//! The crate against a real broker, with a virtual host for each test.

#[cfg(test)]
mod consuming;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod publishing;
#[cfg(test)]
mod topology;
