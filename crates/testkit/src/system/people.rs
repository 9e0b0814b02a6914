//! The people of a test system. They are invented, and their password is the same.

use domain::secret::Secret;
use domain::{DisplayName, Ids, Login, PasswordHash, Role, User, UserId};

use crate::TestDatabase;

/// The password of everybody.
const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct People {
    pub(crate) admin: Person,
    pub(crate) teacher: Person,
    pub(crate) stranger: Person,
}

pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) login: String,
    pub(crate) password: &'static str,
}

impl People {
    /// Adds them to the database.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub(crate) fn move_in(database: &TestDatabase) -> Self {
        let ids = Ids::time_ordered();
        let person = |login: &str| Person {
            id: ids.next(),
            login: login.to_owned(),
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
        ];
        for (person, role) in users {
            database.add_person(&person.user("Camille Exemple", role, hash.clone()));
        }
        people
    }
}

impl Person {
    /// Somebody more, straight into the database. They have the same password, and its hash is copied: a hundred
    /// people need not wait for a hundred hashes.
    pub(crate) fn join(database: &TestDatabase, role: Role) -> Self {
        let id: UserId = Ids::time_ordered().next();
        let person = Self {
            id,
            login: format!("{}@school.example", uuid::Uuid::from(id).simple()),
            password: PASSWORD,
        };
        let known = database.texts("SELECT password_hash FROM grading.users WHERE role = 'ADMIN' LIMIT 1");
        let hash = PasswordHash::restore(&known.concat());
        database.add_person(&person.user("Dominique Exemple", role, hash));
        person
    }

    /// As they are stored.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    fn user(&self, name: &str, role: Role, hash: PasswordHash) -> User {
        User {
            id: self.id,
            login: Login::new(&self.login).expect("a login"),
            display_name: DisplayName::new(name).expect("a name"),
            role,
            password_hash: Some(hash),
            must_change_password: false,
            disabled: false,
        }
    }
}
