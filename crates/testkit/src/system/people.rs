//! The people of a test system. They are invented, and their password is the same.

use domain::secret::Secret;
use domain::{DisplayName, Ids, Login, PasswordHash, Role, UserId};
use store::{Database, Error, User};

/// The password of everybody.
const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct People {
    pub(crate) admin: Person,
    pub(crate) teacher: Person,
    pub(crate) stranger: Person,
}

pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) login: &'static str,
    pub(crate) password: &'static str,
}

impl People {
    /// Adds them to the database.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub(crate) async fn move_in(database: &Database) -> Self {
        let ids = Ids::time_ordered();
        let person = |login| Person {
            id: ids.next(),
            login,
            password: PASSWORD,
        };
        let people = Self {
            admin: person("admin@school.example"),
            teacher: person("teacher@school.example"),
            stranger: person("stranger@school.example"),
        };
        let hash = PasswordHash::of(&Secret::new(PASSWORD)).expect("the password can be hashed");
        let users = [
            (&people.admin, Role::Admin),
            (&people.teacher, Role::Teacher),
            (&people.stranger, Role::Teacher),
        ]
        .map(|(person, role)| User {
            id: person.id,
            login: Login::new(person.login).expect("a login"),
            display_name: DisplayName::new("Camille Exemple").expect("a name"),
            role,
            password_hash: Some(hash.clone()),
            must_change_password: false,
            disabled: false,
        });
        let stored = database.transaction("move_in", move |tx| {
            users.iter().try_for_each(|user| tx.users().insert(user))?;
            Ok::<_, Error>(())
        });
        stored.await.expect("the people are stored");
        people
    }
}
