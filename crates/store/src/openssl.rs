//! The OpenSSL that PostgreSQL's client library uses.

/// Has OpenSSL stay until the process is gone.
///
/// It is cleaned up when the process ends, unless whoever begins it wants otherwise, and a thread that is making a connection
/// at that moment then uses what is no longer there: the process crashes instead of ending. Only who comes first is heard, so
/// whoever connects without this crate asks for it before.
pub fn keep_to_the_end() {
    #[cfg(feature = "openssl")]
    openssl_sys::init();
}
