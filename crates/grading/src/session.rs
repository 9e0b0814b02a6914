//! Who calls: the session token in a call's metadata, and the person behind it.

use contracts::{Code, Problem};
use domain::session::Lifetime;
use domain::{Caller, SessionToken};
use store::Tx;
use tonic::metadata::MetadataMap;

use crate::error::Error;

/// The proof of a login, as it came with a call. Not yet checked.
#[derive(Clone)]
pub(crate) struct Session {
    token: SessionToken,
    lifetime: Lifetime,
}

impl Session {
    /// The session that the metadata names.
    pub(crate) fn of(metadata: &MetadataMap, lifetime: Lifetime) -> Result<Self, Problem> {
        let value = metadata
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or(Code::Unauthenticated)?;
        Ok(Self {
            token: SessionToken::from_caller(token),
            lifetime,
        })
    }

    /// The caller, if the session lives. Asked inside the transaction of the operation.
    pub(crate) fn caller(&self, tx: &mut Tx<'_>) -> Result<Caller, Error> {
        let open = tx.sessions().authenticate(self.token.digest(), self.lifetime)?;
        let caller = open.ok_or(Code::Unauthenticated)?.caller;
        telemetry::context::set_user(caller.user);
        Ok(caller)
    }

    /// The token, to end the session by.
    pub(crate) fn token(&self) -> &SessionToken {
        &self.token
    }
}
