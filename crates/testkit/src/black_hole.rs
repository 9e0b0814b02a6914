//! Who takes connections and says nothing.

use std::net::{SocketAddr, TcpListener};

/// Takes every connection and never says a word, as long as it is kept.
#[derive(Debug)]
pub struct BlackHole {
    // The kernel takes connections, and what comes over them. Nobody asks it for either.
    listener: TcpListener,
}

impl BlackHole {
    /// Opens one.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn open() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").expect("a port is free"),
        }
    }

    /// Where it is.
    ///
    /// # Panics
    /// Never: it is somewhere.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("a listener has an address")
    }
}
