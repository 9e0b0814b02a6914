//! Nothing that people say ends where it does not belong.
//!
//! A canary for every kind of personal data goes through every operation of the API and through every fault that a
//! test can make, written in the encodings in which people and programs write it. Then every sink is searched for all of
//! them, in every encoding. That the search is not blind is shown by planting a canary in each sink in each way, that it
//! was worth something by what was asked, refused, failed and logged.

#[cfg(test)]
mod classes;
#[cfg(test)]
#[cfg(test)]
mod driver;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod harm;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod pupils;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod searched;
#[cfg(test)]
mod sent;
#[cfg(test)]
mod sinks;
#[cfg(test)]
mod spoil;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod work;
#[cfg(test)]
mod written;
