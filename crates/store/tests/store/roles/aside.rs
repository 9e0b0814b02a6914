//! A database is kept under another name, and an empty one takes its place.

use domain::secret::Secret;
use store::bootstrap::{Aside, NotAside};
use store::{Config, Database, Error, migrations};
use testkit::TestDatabase;

use super::maker;
use crate::harness::attempt;

/// The name of a database, and the URL of its server for a superuser.
fn place(database: &TestDatabase) -> (String, Secret) {
    let settings = database.bootstrap_settings();
    let setting = |wanted| {
        let found = settings.iter().find(|(name, _)| *name == wanted);
        found.expect("it is said").1
    };
    let superuser = Secret::new(setting("KORRIGO_SUPERUSER_URL"));
    (setting("KORRIGO_DATABASE_NAME").to_owned(), superuser)
}

fn set_aside(url: &Secret, name: &str) -> Result<String, NotAside> {
    let plan = Aside::plan(url, name)?;
    let aside = plan.name().to_owned();
    plan.carry_out().map(|()| aside)
}

/// How many databases there are with this name that services may connect to, and nobody else.
fn made(name: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_database WHERE datname = '{name}' AND datdba = 'korrigo_owner'::regrole
         AND has_database_privilege('korrigo_app', oid, 'CONNECT') AND has_database_privilege('korrigo_read', oid, 'CONNECT')
         AND has_database_privilege('korrigo_migrate', oid, 'CONNECT') AND NOT has_database_privilege('public', oid, 'CONNECT')"
    )
}

#[tokio::test]
async fn services_do_not_get_at_what_is_set_aside_and_find_an_empty_database() {
    let database = TestDatabase::create();
    let (name, superuser) = place(&database);
    let before = TestDatabase::dump(&database.superuser_url(), &[]);
    let aside = set_aside(&superuser, &name).expect("nobody is connected");
    let when = aside
        .strip_prefix(&format!("{name}_aside_"))
        .expect("it says whose");
    assert!(when.len() == 15 && aside.len() < 64, "{aside}");

    let beside = |url: String| url.replace(&name, &aside);
    assert_eq!(TestDatabase::dump(&beside(database.superuser_url()), &[]), before);
    for url in [database.app_url(), database.read_url()] {
        let url = Secret::new(&beside(url));
        let let_in = Database::connect(Config::new(url)).await;
        assert_eq!(let_in.err(), Some(Error::Rejected));
    }
    let owner = Secret::new(&beside(database.owner_url()));
    assert!(
        migrations::check(&owner).is_ok(),
        "who may become the owner reads it"
    );
    assert_eq!(database.count(&made(&name)), 1);
    assert_eq!(attempt(&database.app_url(), "SELECT 1"), Ok(()));
    let schema = "SELECT count(*) FROM pg_namespace WHERE nspname = 'grading'";
    assert_eq!(database.count(schema), 0);
}

#[tokio::test]
async fn nothing_is_set_aside_while_somebody_is_connected_or_by_who_may_not() {
    let (database, other) = (TestDatabase::create(), TestDatabase::empty());
    let (name, superuser) = place(&database);
    let refused = |url: &Secret, name: &str| set_aside(url, name).expect_err("it is refused");
    let store = database.store().await;
    let connected = refused(&superuser, &name);
    assert!(
        matches!(connected, NotAside::InUse { connections } if connections > 0),
        "{connected}"
    );
    drop(store);
    let within = Secret::new(&database.superuser_url());
    assert_eq!(refused(&within, &name), NotAside::Within);
    let app = Secret::new(&other.app_url());
    assert_eq!(refused(&app, &name), NotAside::Denied);
    assert_eq!(refused(&superuser, "no_such_database"), NotAside::NoDatabase);
    let rule = "database_name";
    assert_eq!(
        refused(&superuser, "x; DROP ROLE korrigo_app"),
        NotAside::Server(Error::Refused { rule })
    );
    assert_eq!(attempt(&database.app_url(), "SELECT FROM grading.copies"), Ok(()));
}

#[test]
fn a_database_that_somebody_has_replaced_meanwhile_is_left_where_it_is() {
    let (database, other) = (TestDatabase::create(), TestDatabase::empty());
    let (name, superuser) = place(&database);
    let elsewhere = format!("{name}_elsewhere");
    let there = |name: &str| {
        other.count(&format!(
            "SELECT count(*) FROM pg_database WHERE datname = '{name}'"
        ))
    };
    for another in [None, Some(format!("CREATE DATABASE {name}"))] {
        let plan = Aside::plan(&superuser, &name).expect("nobody is connected");
        let aside = plan.name().to_owned();
        other.run(&format!("ALTER DATABASE {name} RENAME TO {elsewhere}"));
        if let Some(make) = another {
            other.run(&make);
        }
        let is_there = there(&name);
        assert_eq!(plan.carry_out(), Err(NotAside::Replaced));
        assert_eq!((there(&name), there(&aside)), (is_there, 0));
        other.run(&format!("DROP DATABASE IF EXISTS {name}"));
        other.run(&format!("ALTER DATABASE {elsewhere} RENAME TO {name}"));
    }
    assert!(
        set_aside(&superuser, &name).is_ok(),
        "it is the one that was looked at"
    );
}

#[tokio::test]
async fn who_was_interrupted_goes_on_and_a_role_that_makes_roles_and_databases_is_enough() {
    let (database, other) = (TestDatabase::create(), TestDatabase::empty());
    let name = place(&database).0;
    let (maker, url) = maker(&other, &name);
    let earlier = format!("{name}_aside_20300517_031207");
    other.run(&format!("ALTER DATABASE {name} RENAME TO {earlier}"));
    let outcomes = [set_aside(&url, &name), set_aside(&url, &name)];
    let made = other.count(&made(&name));
    let leftover = other.count(&format!(
        "SELECT pg_has_role('{maker}', 'korrigo_owner', 'MEMBER')::int"
    ));
    other.run(&format!("DROP ROLE {maker}"));
    let [gone_on, again] = outcomes;
    assert_eq!(gone_on, Ok(earlier.clone()));
    assert!(
        again.is_ok_and(|name| name != earlier),
        "what is there is set aside"
    );
    assert_eq!((made, leftover), (1, 0));
}
