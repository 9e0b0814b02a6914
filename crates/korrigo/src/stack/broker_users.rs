//! The users of the broker, and what each may do with it: as `deploy/rabbitmq/permissions` says for every installation.

use serde_json::{Value, json};

const PERMISSIONS: &str = include_str!("../../../../deploy/rabbitmq/permissions");
/// What no name is like.
const NOTHING: &str = "^$";

domain::closed_names! {
    /// Somebody who uses the broker, with a login of their own.
    BrokerUser {
        /// The service that declares the queues and sends jobs.
        Grading = "korrigo_grading",
        /// The one that takes them.
        Worker = "korrigo_worker",
        /// The command that looks, and takes dead letters into its hand.
        Operator = "korrigo_operator",
    }
}

impl BrokerUser {
    /// What it may do, in the words of RabbitMQ.
    #[must_use]
    pub fn permissions(self) -> Value {
        let mut lines = PERMISSIONS.lines().map(str::split_whitespace);
        let own = lines.find_map(|mut words| (words.next() == Some(self.as_str())).then_some(words));
        let mut patterns = own.into_iter().flatten();
        let [configure, write, read] = [(); 3].map(|()| patterns.next().unwrap_or(NOTHING));
        json!({ "configure": configure, "write": write, "read": read })
    }
}

/// What a broker has from the start: an administrator, and these with their passwords, in the words of RabbitMQ.
pub(crate) fn definitions(administrator: &str, password: &str, users: &[(BrokerUser, String)]) -> Value {
    let ruler = json!({ "name": administrator, "password": password, "tags": "administrator" });
    let everything = json!({ "configure": ".*", "write": ".*", "read": ".*" });
    let mut permissions = vec![of(administrator, &everything)];
    permissions.extend(
        users
            .iter()
            .map(|(user, _)| of(user.as_str(), &user.permissions())),
    );
    let others = users
        .iter()
        .map(|(user, password)| json!({ "name": user.as_str(), "password": password, "tags": "" }));
    let users: Vec<Value> = [ruler].into_iter().chain(others).collect();
    json!({ "vhosts": [{ "name": "/" }], "users": users, "permissions": permissions })
}

fn of(user: &str, permissions: &Value) -> Value {
    let [configure, write, read] = ["configure", "write", "read"].map(|right| permissions.get(right));
    json!({ "user": user, "vhost": "/", "configure": configure, "write": write, "read": read })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_each_user_with_three_patterns_and_nobody_else() {
        let lines = PERMISSIONS.lines().filter(|line| !line.starts_with('#'));
        let listed: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
        let names: Vec<&str> = listed.iter().filter_map(|words| words.first().copied()).collect();
        let users: Vec<&str> = BrokerUser::ALL.iter().map(|user| user.as_str()).collect();
        assert_eq!(names, users);
        assert!(listed.iter().all(|words| words.len() == 4), "{listed:?}");
        let worker = json!({ "configure": "^$", "write": "^$", "read": "^korrigo[.]pdf[.][a-z]+$" });
        assert_eq!(BrokerUser::Worker.permissions(), worker);
    }
}
