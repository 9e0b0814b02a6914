//! A `RabbitMQ` of its own for each test: a virtual host that is deleted at the end.
//!
//! Queues are looked at from outside, over AMQP and the management API, and never through `broker`, which is what is
//! being tested.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

mod management;

use std::net::SocketAddr;

use broker::Topology;
use domain::{Ids, OperationId};
use korrigo::stack::BrokerUser;
use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions, QueueDeleteOptions,
    QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::environment::variable;
use crate::eventually;
use management::Management;

/// A virtual host, deleted when this is dropped.
#[derive(Debug)]
pub struct TestBroker {
    management: Management,
    /// As whoever may do everything.
    amqp: Url,
    /// As each who has a login of their own, in the order of [`BrokerUser::ALL`].
    logins: Vec<(BrokerUser, Url)>,
    vhost: String,
}

impl TestBroker {
    /// A new virtual host on the broker that the environment names.
    pub async fn create() -> Self {
        let (amqp, api) = (
            variable("KORRIGO_TEST_AMQP_URL"),
            variable("KORRIGO_TEST_RABBITMQ_API"),
        );
        Self::on(&amqp, &api).await
    }

    /// A new virtual host on the broker at `amqp`, whose management API is at `api`. Both URLs hold the user's name
    /// and password.
    pub async fn on(amqp: &str, api: &str) -> Self {
        let mut amqp: Url = amqp.parse().expect("the AMQP URL is a URL");
        let id: OperationId = Ids::time_ordered().next();
        let vhost = format!("test-{id}");
        amqp.set_path(&vhost);
        let login = |user: &BrokerUser| (*user, login(&amqp, &format!("{vhost}-{user}")));
        let broker = Self {
            management: Management::new(api),
            logins: BrokerUser::ALL.iter().map(login).collect(),
            amqp,
            vhost,
        };
        broker
            .management
            .call(Method::PUT, &["vhosts", &broker.vhost], None)
            .await;
        let everything = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        broker.permit(broker.management.user(), everything).await;
        for (user, url) in &broker.logins {
            let login = json!({ "password": url.password(), "tags": "" });
            broker
                .management
                .call(Method::PUT, &["users", url.username()], Some(login))
                .await;
            broker.permit(url.username(), user.permissions()).await;
        }
        broker
    }

    /// Lets a user do this.
    async fn permit(&self, user: &str, permissions: Value) {
        self.management
            .call(
                Method::PUT,
                &["permissions", &self.vhost, user],
                Some(permissions),
            )
            .await;
    }

    /// The URL of the virtual host for one who may do there what `deploy/rabbitmq/permissions` says.
    #[must_use]
    pub fn url(&self, user: BrokerUser) -> String {
        self.login(user).to_string()
    }

    /// The same through something else that listens, such as a [`Proxy`](crate::proxy::Proxy).
    #[must_use]
    pub fn url_through(&self, user: BrokerUser, address: SocketAddr) -> String {
        let mut url = self.login(user).clone();
        url.set_ip_host(address.ip()).expect("an AMQP URL has a host");
        url.set_port(Some(address.port()))
            .expect("an AMQP URL has a port");
        url.to_string()
    }

    fn login(&self, user: BrokerUser) -> &Url {
        let mut logins = self.logins.iter();
        let found = logins.find(|(known, _)| *known == user);
        found.map(|(_, url)| url).expect("each user has a login")
    }

    /// Where the broker listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let host = self.amqp.host_str().expect("the AMQP URL has a host");
        let address = format!("{host}:{}", self.amqp.port().unwrap_or(5672));
        address.parse().expect("the AMQP URL has a numeric host")
    }

    /// How many messages wait in `queue`, not counting those that somebody works on. `None` if there is no such queue.
    pub async fn depth(&self, queue: &str) -> Option<u32> {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let declared = self
            .channel()
            .await
            .queue_declare(queue.into(), options, FieldTable::default())
            .await;
        declared.ok().map(|queue| queue.message_count())
    }

    /// Waits until `depth` messages wait in `queue`.
    pub async fn wait_for_depth(&self, queue: &str, depth: u32) {
        let what = format!("{depth} messages in {queue}");
        eventually(&what, async || {
            let found = self.depth(queue).await;
            if found == Some(depth) { Ok(()) } else { Err(found) }
        })
        .await;
    }

    /// Waits until somebody has declared the queues of Korrigo.
    pub async fn wait_for_queues(&self) {
        for queue in Topology::korrigo().queues {
            eventually(queue.name, async || self.depth(queue.name).await.ok_or(())).await;
        }
    }

    /// Takes the next message out of `queue`, if there is one.
    pub async fn take(&self, queue: &str) -> Option<BasicGetMessage> {
        let options = BasicGetOptions { no_ack: true };
        self.channel()
            .await
            .basic_get(queue.into(), options)
            .await
            .expect("the queue can be read")
    }

    /// Puts a message of this AMQP type into `queue`, past everything that would otherwise write it.
    #[expect(clippy::disallowed_methods, reason = "what no publisher of ours would send")]
    pub async fn publish(&self, queue: &str, kind: &str, body: Vec<u8>) {
        let properties = BasicProperties::default().with_type(kind.into());
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let channel = self.channel().await;
        // Otherwise nothing says that it is there.
        let confirming = channel.confirm_select(ConfirmSelectOptions::default()).await;
        confirming.expect("the broker confirms what it takes");
        let published = channel
            .basic_publish("".into(), queue.into(), options, &body, properties)
            .await;
        let confirmation = published.expect("the broker takes it").await;
        let confirmation = confirmation.expect("the broker answers");
        assert!(
            matches!(confirmation, Confirmation::Ack(None)),
            "it is in the queue: {confirmation:?}"
        );
    }

    /// Makes a queue with other arguments than anybody expects.
    pub async fn declare_classic_queue(&self, queue: &str) {
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let declared = self
            .channel()
            .await
            .queue_declare(queue.into(), options, FieldTable::default())
            .await;
        declared.expect("the queue can be declared");
    }

    /// Has `queue` refuse messages beyond `length`, roughly: the broker looks at it after the fact.
    pub async fn limit_length(&self, queue: &str, length: u32) {
        // The broker forgets to apply a policy to a queue that is being made meanwhile, and lists it already then; who
        // makes it binds it when it is made.
        eventually("a queue to limit", async || {
            self.is_bound(queue).await.then_some(()).ok_or(())
        })
        .await;
        let policy = json!({
            "pattern": format!("^{}$", queue.replace('.', "[.]")),
            "apply-to": "queues",
            "definition": { "max-length": length },
        });
        self.management
            .call(
                Method::PUT,
                &["policies", &self.vhost, "limit-length"],
                Some(policy),
            )
            .await;
    }

    /// Whether messages of some exchange, besides the one that every queue is bound to, reach `queue`.
    async fn is_bound(&self, queue: &str) -> bool {
        let bindings = &["queues", &self.vhost, queue, "bindings"];
        let bindings = self.management.call(Method::GET, bindings, None).await;
        let mut sources = bindings
            .as_array()
            .into_iter()
            .flatten()
            .map(|binding| &binding["source"]);
        sources.any(|source| source != "")
    }

    /// Deletes `queue` with all that is in it.
    pub async fn delete_queue(&self, queue: &str) {
        let deleted = self
            .channel()
            .await
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await;
        deleted.expect("the queue can be deleted");
    }

    /// Throws away what waits in `queue`. How much it was.
    pub async fn purge(&self, queue: &str) -> u32 {
        let purged = self
            .channel()
            .await
            .queue_purge(queue.into(), QueuePurgeOptions::default())
            .await;
        purged.expect("the queue can be purged")
    }

    /// Has the broker close every connection to this virtual host. There have to be so many, which the broker's list may
    /// only show after a while.
    pub async fn close_connections(&self, many: usize) {
        let names = eventually("the connections to close", async || {
            let names = self.connections().await;
            if names.len() < many { Err(names) } else { Ok(names) }
        });
        for name in names.await {
            self.management
                .call(Method::DELETE, &["connections", &name], None)
                .await;
        }
    }

    /// The names that the broker has given to the connections of this virtual host.
    async fn connections(&self) -> Vec<String> {
        let answer = self
            .management
            .call(Method::GET, &["vhosts", &self.vhost, "connections"], None)
            .await;
        let connections = answer.as_array().into_iter().flatten();
        connections
            .filter_map(|connection| Some(connection.get("name")?.as_str()?.to_owned()))
            .collect()
    }

    /// A channel on a connection of its own: the broker may have closed an earlier one on a test's behalf.
    async fn channel(&self) -> Channel {
        let properties = ConnectionProperties::default().with_connection_name("testkit".into());
        let connection = Connection::connect(self.amqp.as_str(), properties).await;
        connection
            .expect("the broker can be reached")
            .create_channel()
            .await
            .expect("a channel can be opened")
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let users = self.logins.iter().map(|(_, url)| ("users", url.username()));
        for (what, name) in users.chain([("vhosts", self.vhost.as_str())]) {
            let path = vec![what.to_owned(), name.to_owned()];
            self.management.clone().call_and_wait(Method::DELETE, path);
        }
    }
}

/// The URL for somebody whose password is their name.
fn login(amqp: &Url, name: &str) -> Url {
    let mut url = amqp.clone();
    for part in [url.set_username(name), url.set_password(Some(name))] {
        part.expect("an AMQP URL has a user");
    }
    url
}
