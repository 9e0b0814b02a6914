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

/// The URLs of the servers, as services reach them.
pub(super) struct ServerUrls {
    pub(super) database: String,
    pub(super) broker: String,
}

/// Through the proxies, if there are any.
pub(super) fn urls(wires: Option<&Wires>, database: &TestDatabase, broker: &TestBroker) -> ServerUrls {
    match wires {
        Some(wires) => ServerUrls {
            database: database.app_url_through(wires.database.address()),
            broker: broker.url_through(wires.broker.address()),
        },
        None => ServerUrls {
            database: database.app_url(),
            broker: broker.url(),
        },
    }
}
