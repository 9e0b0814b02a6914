//! The networks that services reach their servers over.

use crate::proxy::Proxy;
use crate::{TestBroker, TestDatabase};

/// Proxies before the servers of a system.
#[derive(Debug)]
pub struct Wires {
    /// Between grading and the database.
    pub database: Proxy,
    /// Between grading, the workers and the broker.
    pub broker: Proxy,
}

impl Wires {
    pub(super) async fn before(database: &TestDatabase, broker: &TestBroker) -> Self {
        Self {
            database: Proxy::start(database.address()).await,
            broker: Proxy::start(broker.address()).await,
        }
    }
}
