//! The token by which our own services know each other. Without it no call is even looked at.

use domain::Digest;
use domain::secret::Secret;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::code::Code;
use crate::problem::Problem;

/// The metadata key.
const KEY: &str = "x-korrigo-service";

/// The server's side: lets calls pass that carry the token.
#[derive(Debug, Clone)]
pub struct RequireServiceToken {
    digest: Digest,
}

impl RequireServiceToken {
    /// Lets calls pass that carry `token`.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        Self {
            digest: token.digest(),
        }
    }
}

impl Interceptor for RequireServiceToken {
    /// Digests are compared, so the time it takes says nothing about the token.
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let presented = request.metadata().get(KEY).map(MetadataValue::as_bytes);
        match presented {
            Some(token) if Digest::of(token) == self.digest => Ok(request),
            Some(_) | None => Err(Problem::of(Code::Unauthenticated).into()),
        }
    }
}

/// The client's side: adds the token to every call.
#[derive(Clone)]
pub struct PresentServiceToken {
    value: MetadataValue<Ascii>,
}

impl PresentServiceToken {
    /// Adds `token`; `None` if it has characters that metadata cannot carry.
    #[must_use]
    pub fn new(token: &Secret) -> Option<Self> {
        let mut value: MetadataValue<Ascii> = token.expose().parse().ok()?;
        value.set_sensitive(true);
        Some(Self { value })
    }
}

impl Interceptor for PresentServiceToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(KEY, self.value.clone());
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_with_the_token_pass() {
        let (right, wrong) = (Secret::new("the right token!"), Secret::new("the wrong token!"));
        let mut require = RequireServiceToken::new(&right);
        let presented = |token: &Secret| {
            PresentServiceToken::new(token)
                .unwrap()
                .call(Request::new(()))
                .unwrap()
        };
        assert!(require.call(presented(&right)).is_ok());
        assert!(require.call(presented(&wrong)).is_err());
        assert!(require.call(Request::new(())).is_err());
        assert!(PresentServiceToken::new(&Secret::new("line\nbreak")).is_none());
    }
}
