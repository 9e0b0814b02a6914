//! A database per test, cloned from a template that the first test makes.
//!
//! The server is the one that `KORRIGO_TEST_POSTGRES_URL` names, or one that the test started by itself. The
//! template's name has the fingerprint of the migrations in it, so a changed migration makes a new one.

mod chains;

use std::fmt::Display;
use std::net::SocketAddr;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use domain::secret::Secret;
use domain::{Ids, PasswordHash, StudentId, User};
use store::bootstrap::{Roles, bootstrap};
use store::{Config, Database, migrations};
use uuid::Uuid;

use crate::environment::{packages, variable};
use crate::eventually;

/// The roles exist once per server, so all tests know the one password.
const PASSWORD: &str = "korrigo-test";

/// A database with the schema and nothing in it. Dropped with the value, and so is what was set aside of it.
pub struct TestDatabase {
    server: Server,
    name: String,
}

impl TestDatabase {
    /// A database on the server of the environment.
    #[must_use]
    pub fn create() -> Self {
        Self::on(&variable("KORRIGO_TEST_POSTGRES_URL"))
    }

    /// A database on the server at `admin_url`, which names a superuser.
    #[must_use]
    pub fn on(admin_url: &str) -> Self {
        let server = Server(admin_url.to_owned());
        let mut admin = connect(admin_url);
        let template = template(&server, &mut admin);
        let name = format!("test_{}", new_id().simple());
        run(
            &mut admin,
            &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER korrigo_owner"),
        );
        Self { server, name }
    }

    /// A database without the schema, for tests of migrations.
    #[must_use]
    pub fn empty() -> Self {
        let server = Server(variable("KORRIGO_TEST_POSTGRES_URL"));
        let mut admin = connect(&server.0);
        // The template is not used, but making it makes the roles.
        let _template = template(&server, &mut admin);
        let name = format!("test_{}", new_id().simple());
        run(&mut admin, &format!("CREATE DATABASE {name} OWNER korrigo_owner"));
        Self { server, name }
    }

    /// What `korrigo migrate bootstrap` has to know to make it, and its roles, on an empty server.
    #[must_use]
    pub fn bootstrap_settings(&self) -> [(&'static str, &str); 5] {
        [
            ("KORRIGO_SUPERUSER_URL", &self.server.0),
            ("KORRIGO_DATABASE_NAME", &self.name),
            ("KORRIGO_MIGRATE_PASSWORD", PASSWORD),
            ("KORRIGO_APP_PASSWORD", PASSWORD),
            ("KORRIGO_READ_PASSWORD", PASSWORD),
        ]
    }

    /// As the role of the services.
    #[must_use]
    pub fn app_url(&self) -> String {
        self.server.url("korrigo_app", &self.name)
    }

    /// The same through something else that listens, such as a [`Proxy`](crate::proxy::Proxy).
    #[must_use]
    pub fn app_url_through(&self, address: SocketAddr) -> String {
        self.app_url()
            .replace(&self.address().to_string(), &address.to_string())
    }

    /// Where the server listens.
    ///
    /// # Panics
    /// If its URL does not say so in numbers.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn address(&self) -> SocketAddr {
        let place = self.server.host().parse();
        place.expect("the URL of the server has an address and a port")
    }

    /// As the role that migrates, which may become the owner by `SET ROLE korrigo_owner`.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.server.url("korrigo_migrate", &self.name)
    }

    /// As the role of diagnosis.
    #[must_use]
    pub fn read_url(&self) -> String {
        self.server.url("korrigo_read", &self.name)
    }

    /// As the superuser.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.server.of_superuser(&self.name)
    }

    /// The store, as a service uses it.
    ///
    /// # Panics
    /// If it cannot be opened.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub async fn store(&self) -> Database {
        let config = Config::new(Secret::new(&self.app_url()));
        Database::connect(config)
            .await
            .expect("the test database can be opened")
    }

    /// Runs statements as the superuser, for what the service may not do.
    pub fn run(&self, sql: &str) {
        run(&mut connect(&self.superuser_url()), sql);
    }

    /// Adds a person as versions did that knew no trails of people: nothing is told of it.
    ///
    /// # Panics
    /// If there is somebody like them already.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn add_person(&self, person: &User) {
        let User {
            id,
            login,
            display_name,
            role,
            password_hash,
            must_change_password,
            disabled,
        } = person;
        let added = sql_query(
            "INSERT INTO grading.users
                (id, login_normalized, login, display_name, role, password_hash, must_change_password, disabled)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind::<SqlUuid, _>(Uuid::from(*id))
        .bind::<Text, _>(login.normalized())
        .bind::<Text, _>(login.expose())
        .bind::<Text, _>(display_name.expose())
        .bind::<Text, _>(role.to_string())
        .bind::<Nullable<Text>, _>(password_hash.as_ref().map(PasswordHash::expose))
        .bind::<Bool, _>(must_change_password)
        .bind::<Bool, _>(disabled)
        .execute(&mut connect(&self.superuser_url()));
        added.expect("somebody new");
    }

    /// The number that a query gives, asked as the superuser.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn count(&self, query: &str) -> i64 {
        let query = sql_query(format!("SELECT ({query})::bigint AS number"));
        let found: Number = query
            .get_result(&mut connect(&self.superuser_url()))
            .expect("the query gives a number");
        found.number
    }

    /// The texts that a query of one column gives, asked as the superuser.
    #[must_use]
    pub fn texts(&self, query: &str) -> Vec<String> {
        let query = format!("SELECT text FROM ({query}) AS found (text)");
        let found: Vec<Words> = load(&mut connect(&self.superuser_url()), &query);
        found.into_iter().map(|words| words.text).collect()
    }

    /// The id of a new pupil without a copy.
    #[must_use]
    pub fn pupil(&self) -> String {
        let pupil: StudentId = Ids::time_ordered().next();
        self.run(&format!(
            "INSERT INTO grading.students (id, surname, given_names, search_key, match_key)
             VALUES ('{pupil}', 'EXEMPLE', 'Camille', 'exemple camille', '{pupil}')"
        ));
        pupil.to_string()
    }

    /// Has a pupil with this access be known as who wrote the copy, and says the pupil's id.
    ///
    /// # Panics
    /// If there is no such copy.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn wrote(&self, user: impl Display, copy: impl Display) -> String {
        let pupil = format!(
            "WITH pupil AS (
                 INSERT INTO grading.students (id, surname, given_names, search_key, match_key, user_id)
                 VALUES (gen_random_uuid(), 'EXEMPLE', 'Pupille', 'exemple pupille', gen_random_uuid(), '{user}')
                 RETURNING id
             )
             INSERT INTO grading.identities (copy_id, exam_id, student_id, method)
             SELECT copies.id, exam_id, pupil.id, 'MANUAL' FROM grading.copies, pupil WHERE copies.id = '{copy}'
             RETURNING student_id::text AS text"
        );
        let known: Vec<Words> = load(&mut connect(&self.superuser_url()), &pupil);
        known.into_iter().next().expect("there is such a copy").text
    }

    /// Nobody but the superuser may connect any more, and who is connected is not.
    pub fn shut_services_out(&self) {
        let name = &self.name;
        self.run(&format!(
            "REVOKE CONNECT ON DATABASE {name} FROM PUBLIC, korrigo_app"
        ));
        // A statement of its own: until the first has ended, whoever is cut off could come back.
        self.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE usename = 'korrigo_app' AND datname = '{name}'"
        ));
    }

    /// The services may connect again.
    pub fn let_services_in(&self) {
        self.run(&format!("GRANT CONNECT ON DATABASE {} TO korrigo_app", self.name));
    }

    /// Ends the leases of jobs now: who has one is taken for dead.
    pub fn end_leases(&self) {
        self.run("UPDATE grading.jobs SET lease_until = now() WHERE lease_until > now()");
    }

    /// Ends the pauses before attempts and messages now.
    pub fn hurry(&self) {
        // The messages first: one that is early for its job would be refused, and come again much later.
        self.run(
            "UPDATE grading.outbox SET available_at = now() WHERE sent_at IS NULL AND available_at > now();
             UPDATE grading.jobs SET next_attempt_at = now() WHERE state = 'QUEUED' AND next_attempt_at > now();
             SELECT pg_notify('korrigo_outbox', '')",
        );
    }

    /// Bars writes to `table` until the value is dropped: what wants to write there waits, as long as its own
    /// lock timeout allows. Reads go on.
    #[must_use]
    pub fn bar(&self, table: &'static str) -> Bar<'_> {
        self.lock(table, "SHARE ROW EXCLUSIVE")
    }

    /// The same for who only reads, as somebody does who alters the table.
    #[must_use]
    pub fn shut(&self, table: &'static str) -> Bar<'_> {
        self.lock(table, "ACCESS EXCLUSIVE")
    }

    fn lock(&self, table: &'static str, mode: &str) -> Bar<'_> {
        let mut connection = connect(&self.superuser_url());
        run(
            &mut connection,
            &format!("BEGIN; LOCK TABLE {table} IN {mode} MODE"),
        );
        Bar {
            table,
            database: self,
            _connection: connection,
        }
    }

    /// The schema as `pg_dump` writes it.
    #[must_use]
    pub fn schema(&self) -> String {
        Self::dump(&self.superuser_url(), &["--schema-only"])
    }

    /// What the database at this URL has, as `pg_dump` writes it with these options, without the lines that differ from run to
    /// run.
    ///
    /// # Panics
    /// If it cannot be run.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn dump(url: &str, options: &[&str]) -> String {
        let mut tool = packages().postgres_tool("pg_dump").expect("pg_dump is installed");
        tool.args(options).args(["--dbname", url]);
        let output = tool.output().expect("pg_dump runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).expect("a dump is text");
        let kept = text
            .lines()
            .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        kept.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A server of the test's own may be gone already, and its data with it.
        if let Ok(mut admin) = PgConnection::establish(&self.server.0) {
            let aside = format!(
                "SELECT datname AS text FROM pg_database WHERE datname LIKE '{}\\_aside\\_%'",
                self.name
            );
            let aside = sql_query(aside).load(&mut admin);
            let aside: Vec<Words> = aside.unwrap_or_default();
            for name in aside.iter().map(|found| &found.text).chain([&self.name]) {
                let _dropped = admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// A table that nobody writes to for now: the way to stop a system exactly between two steps.
pub struct Bar<'a> {
    table: &'static str,
    database: &'a TestDatabase,
    // The lock ends with the connection.
    _connection: PgConnection,
}

impl Bar<'_> {
    /// Waits until somebody waits to write.
    pub async fn reached(&self) {
        eventually("somebody to wait at the bar", async || match self.waiting() {
            0 => Err(0),
            _ => Ok(()),
        })
        .await;
    }

    /// How many wait to write. In other databases there are tables of the same number.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.database.count(&format!(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{}'::regclass
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            self.table
        ))
    }
}

/// The template, made if it is not there. One test makes it, the others wait.
fn template(server: &Server, admin: &mut PgConnection) -> String {
    let name = format!("korrigo_template_{}", migrations::FINGERPRINT);
    run(
        admin,
        "SELECT pg_advisory_lock(hashtextextended('korrigo.test.template', 0))",
    );
    let query = format!("SELECT count(*) AS number FROM pg_database WHERE datname = '{name}'");
    let there: Vec<Number> = load(admin, &query);
    if there.iter().all(|found| found.number == 0) {
        make_template(server, admin, &name);
    }
    run(
        admin,
        "SELECT pg_advisory_unlock(hashtextextended('korrigo.test.template', 0))",
    );
    name
}

/// Makes the template under another name first: a run that dies half-way leaves no half a template.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn make_template(server: &Server, admin: &mut PgConnection, name: &str) {
    let unfinished = format!("{name}_wip");
    run(
        admin,
        &format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
    );
    let password = Secret::new(PASSWORD);
    let roles = Roles {
        database: unfinished.clone(),
        migrate_password: password.clone(),
        app_password: password.clone(),
        read_password: password,
    };
    bootstrap(&Secret::new(&server.0), &roles).expect("roles and template can be made");
    let url = Secret::new(&server.url("korrigo_migrate", &unfinished));
    migrations::up(&url).expect("the migrations can be applied");
    run(admin, &format!("ALTER DATABASE {unfinished} RENAME TO {name}"));
}

/// A server, by the URL of its superuser.
struct Server(String);

impl Server {
    fn of_superuser(&self, database: &str) -> String {
        let (before, query) = self.parts();
        format!("{before}/{database}{query}")
    }

    fn url(&self, role: &str, database: &str) -> String {
        let ((_, query), host) = (self.parts(), self.host());
        format!("postgres://{role}:{PASSWORD}@{host}/{database}{query}")
    }

    fn host(&self) -> &str {
        let (before, _) = self.parts();
        before
            .rsplit_once('@')
            .or_else(|| before.split_once("://"))
            .map_or(before, |(_, host)| host)
    }

    /// What comes before the name of the database, and what after.
    fn parts(&self) -> (&str, String) {
        let (url, query) = match self.0.split_once('?') {
            Some((url, query)) => (url, format!("?{query}")),
            None => (self.0.as_str(), String::new()),
        };
        (url.rsplit_once('/').map_or(url, |(before, _)| before), query)
    }
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn connect(url: &str) -> PgConnection {
    store::openssl::keep_to_the_end();
    PgConnection::establish(url).expect("the database server of the tests answers")
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn run(connection: &mut PgConnection, sql: &str) {
    connection
        .batch_execute(sql)
        .expect("the statement of a test runs");
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn load<Row>(connection: &mut PgConnection, query: &str) -> Vec<Row>
where
    Row: QueryableByName<diesel::pg::Pg> + 'static,
{
    sql_query(query)
        .load(connection)
        .expect("the query of a test runs")
}

fn new_id() -> Uuid {
    Ids::time_ordered().next()
}
