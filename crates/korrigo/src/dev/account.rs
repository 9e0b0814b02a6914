//! With what one logs in.

use domain::secret::Secret;

/// Login and password of a person of the demo, who is invented.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The login.
    pub(crate) login: &'static str,
    /// The password.
    pub(crate) password: Secret,
}
