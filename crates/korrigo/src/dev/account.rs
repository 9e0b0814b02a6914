//! With what one logs in.

use domain::secret::Secret;

/// Login and password of a person of the demo, who is invented.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The login.
    pub(super) login: &'static str,
    /// The password.
    pub(super) password: Secret,
}
