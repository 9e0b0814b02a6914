//! The networks that services reach their servers over.

use crate::proxy::Proxy;
use crate::{BrokerUser, TestBroker, TestDatabase};

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
    pub(super) grading_to_broker: String,
    pub(super) worker_to_broker: String,
}

/// Through the proxies, if there are any.
pub(super) fn urls(wires: Option<&Wires>, database: &TestDatabase, broker: &TestBroker) -> ServerUrls {
    let to_broker = |user| match wires {
        Some(wires) => broker.url_through(user, wires.broker.address()),
        None => broker.url(user),
    };
    ServerUrls {
        database: match wires {
            Some(wires) => database.app_url_through(wires.database.address()),
            None => database.app_url(),
        },
        grading_to_broker: to_broker(BrokerUser::Grading),
        worker_to_broker: to_broker(BrokerUser::Worker),
    }
}
