//! Who the caller is.

use contracts::{Code, grading as pb};
use domain::User;

use crate::app::App;
use crate::error::Error;
use crate::session::Session;

/// The person behind the session.
pub(crate) async fn run(app: &App, session: Session) -> Result<pb::User, Error> {
    app.database
        .transaction("current_session", move |tx| {
            let caller = session.caller(tx)?;
            let found = tx.users().get(caller.user)?.ok_or(Code::Unauthenticated)?;
            Ok(user(&found))
        })
        .await
}

/// A person, as they may see themselves.
pub(crate) fn user(user: &User) -> pb::User {
    pb::User {
        id: user.id.to_string(),
        role: user.role.to_string(),
        display_name: user.display_name.expose().to_owned(),
        must_change_password: user.must_change_password,
    }
}
