//! What a server may lose.

/// Whether what a server stores has to survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// No: for tests. Nothing waits for the disk, and the server is simply ended when it is dropped.
    Fast,
    /// Yes: the server's own settings, and an orderly stop.
    Durable,
}
