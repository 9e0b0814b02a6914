//! What can go wrong. The broker's own words stay in the source and out of the text.

/// What settings say that no try is needed for to know that it leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.problem())]
pub enum Mistake {
    /// Not an `amqp:` URL.
    Url,
    /// A host that is not reached, or that no certificate can be for.
    Host,
    /// An authority, and a URL that does not begin with `amqps:`.
    Plain,
    /// No file of authorities that can be read, or none in it; or the machine knows none.
    Authority,
}

impl Mistake {
    /// The variable.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Url | Self::Host => "KORRIGO_AMQP_URL",
            Self::Plain | Self::Authority => "KORRIGO_AMQP_TLS_AUTHORITY",
        }
    }

    /// What is wrong, in constant words.
    #[must_use]
    pub fn problem(self) -> &'static str {
        match self {
            Self::Url => "not an amqp url",
            Self::Host => "the host of the url is neither a name nor an address of IPv4",
            Self::Plain => "an authority is given, and the url does not begin with amqps",
            Self::Authority => "there is no authority that could have signed the broker's certificate",
        }
    }
}

/// Why a connection could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings lead to no broker.
    #[error(transparent)]
    Settings(#[from] Mistake),
    /// What answers shows no certificate that is accepted, or does not encrypt.
    #[error("the broker shows no certificate that is accepted")]
    Untrusted(#[source] lapin::Error),
    /// Nobody there, or login refused.
    #[error("the broker refused the connection")]
    Connect(#[source] lapin::Error),
    /// Not ready within the time for connecting.
    #[error("the broker did not answer in time")]
    ConnectTimeout,
    /// No channel.
    #[error("a channel could not be opened")]
    Channel(#[source] lapin::Error),
    /// An exchange, queue or binding could not be declared, but not because it differs.
    #[error("the topology could not be declared")]
    Declare(#[source] lapin::Error),
    /// An exchange or queue of this name exists with other arguments. Only an operator can decide what to do.
    #[error("{name} exists on the broker with other arguments")]
    TopologyMismatch {
        /// The exchange or queue.
        name: &'static str,
    },
    /// The queue cannot be consumed.
    #[error("the queue could not be consumed")]
    Consume(#[source] lapin::Error),
    /// The future that runs the connection has ended.
    #[error("the connection is not run any more")]
    Stopped,
}

impl Error {
    /// Whether the broker runs and does not let this user in, or not at what is needed: its name, its password, its virtual host
    /// or its permissions.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        const ACCESS_REFUSED: u16 = 403;
        const NOT_ALLOWED: u16 = 530;
        self.reply()
            .is_some_and(|code| [ACCESS_REFUSED, NOT_ALLOWED].contains(&code))
    }

    /// Whether the broker runs and has no queue or exchange of the name that it was asked for.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        const NOT_FOUND: u16 = 404;
        self.reply() == Some(NOT_FOUND)
    }

    /// The code with which the broker itself refused.
    fn reply(&self) -> Option<u16> {
        let (Self::Connect(error) | Self::Channel(error) | Self::Declare(error) | Self::Consume(error)) =
            self
        else {
            return None;
        };
        let lapin::ErrorKind::ProtocolError(refusal) = error.kind() else {
            return None;
        };
        Some(refusal.get_id())
    }
}

/// Why a message is not known to be in a queue. It may have arrived all the same: publish it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// No connection, or it broke before the answer. A new one is being made.
    #[error("not connected to the broker")]
    Disconnected,
    /// The broker takes no messages for the moment: memory or disk is short.
    #[error("the broker has blocked publishing")]
    Blocked,
    /// No queue is bound for the routing key: a fault of configuration.
    #[error("the broker returned the message: no queue is bound")]
    Returned,
    /// The broker refused it: the queue is full or has a fault.
    #[error("the broker refused the message")]
    Nacked,
    /// No answer in time. The connection is made anew.
    #[error("the broker did not confirm in time")]
    TimedOut,
    /// A name in it is longer than the protocol's 255 bytes. Publishing it again will not help.
    #[error("a name in the message is too long")]
    TooLong,
}
