//! Documents in their sandbox: the real binary as the child, the real kernel around it.

#[cfg(test)]
mod confinement;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod finalizing;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod impostors;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod splitting;
