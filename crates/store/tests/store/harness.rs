//! A database with an administrator, a teacher and an exam, and short ways to what the tests are about.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use domain::audit::Actor;
use domain::copy::{Asked, Attempted, Copy, NewCopy, Started};
use domain::exam::{Exam, ExamName, Layout};
use domain::page::{ImageFormat, Page, PageImage, PageIndex, PageSize, Rotation};
use domain::secret::Secret;
use domain::user::By;
use domain::{
    CopyId, Digest, DisplayName, ExamId, FileSize, Ids, JobId, Login, PageCount, PasswordHash, Registration,
    Role, Through, Timestamp, Transition, User, UserId,
};
use store::{Config, Database, Entry, Envelope, Error, Tx, migrations};
use testkit::{TestDatabase, eventually};

pub(crate) struct Bench {
    pub(crate) database: TestDatabase,
    pub(crate) store: Database,
    pub(crate) ids: Ids,
    pub(crate) admin: UserId,
    pub(crate) teacher: UserId,
    pub(crate) exam: ExamId,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_defaults| {}).await
    }

    /// With other settings than the usual ones.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create();
        let mut config = Config::new(Secret::new(&database.app_url()));
        change(&mut config);
        let store = Database::connect(config)
            .await
            .expect("the database can be opened");
        let ids = Ids::time_ordered();
        let bench = Self {
            admin: ids.next(),
            teacher: ids.next(),
            exam: ids.next(),
            database,
            store,
            ids,
        };
        let users = [
            user(bench.admin, "admin", Role::Admin),
            user(bench.teacher, "teacher", Role::Teacher),
        ];
        for user in &users {
            bench.database.add_person(user);
        }
        let exam = exam(bench.exam, vec![bench.teacher]);
        bench
            .tx(move |tx| tx.exams().insert(&exam))
            .await
            .expect("the exam is stored");
        bench
    }

    /// A transaction that fails with the store's own error only.
    pub(crate) async fn tx<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.transaction("test", work).await
    }

    pub(crate) fn registration(&self, source: &[u8]) -> Registration {
        let new = NewCopy {
            exam: self.exam,
            source: Digest::of(source),
            size: FileSize::new(1_000).expect("a size"),
            by: self.teacher,
        };
        Copy::register(new, &self.ids)
    }

    pub(crate) fn envelope(&self, job: JobId) -> Envelope {
        Envelope {
            id: self.ids.next(),
            job,
            routing_key: "korrigo.pdf.import".to_owned(),
            kind: "korrigo.job.v1".to_owned(),
            body: b"a pointer".to_vec(),
            request_id: "request-0001".parse().expect("a request id"),
            traceparent: Some(TRACEPARENT.parse().expect("a trace parent")),
            available_at: None,
        }
    }

    /// A copy in STAGING whose import has not begun, made of these bytes.
    pub(crate) async fn registered(&self, source: &[u8]) -> (Copy, JobId) {
        let registration = self.registration(source);
        let (copy, job) = (registration.copy().clone(), registration.job().id);
        let envelope = self.envelope(job);
        self.tx(move |tx| tx.register(&registration, &envelope))
            .await
            .expect("the copy is registered");
        (copy, job)
    }

    /// An administrator has the pages of this copy made again.
    pub(crate) async fn retried(&self, copy: &Copy) -> Started {
        let asked = self.asked(self.admin).await;
        let started = copy.clone().retry_import(asked, &self.ids);
        started.expect("a failed import can be tried again")
    }

    /// A copy with two pages.
    pub(crate) async fn imported(&self, source: &[u8]) -> Copy {
        let (copy, job) = self.registered(source).await;
        let transition = copy
            .complete_import(count(2), self.attempted(job))
            .expect("the import completes");
        self.paged(transition).await
    }

    /// Records an import of two pages with the pages.
    pub(crate) async fn paged(&self, transition: Transition) -> Copy {
        let recorded = self.tx(move |tx| {
            let copy = transition.copy();
            tx.pages()
                .insert_all(copy.id, copy.booklets[0].id, &[page(0), page(1)])?;
            tx.record(&transition).map(|_entry| transition.into_copy())
        });
        recorded.await.expect("the import is recorded")
    }

    /// A copy in READY.
    pub(crate) async fn ready(&self, source: &[u8]) -> Copy {
        let copy = self.imported(source).await;
        let transition = copy
            .validate(self.asked(self.teacher).await)
            .expect("the copy validates");
        self.recorded(transition).await
    }

    /// The shortest transaction there is.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime, the closure of all"
    )]
    pub(crate) async fn now(&self) -> Result<Timestamp, Error> {
        self.tx(|tx| tx.now()).await
    }

    pub(crate) async fn record(&self, transition: Transition) -> Entry {
        let recorded = self.tx(move |tx| tx.record(&transition)).await;
        recorded.expect("the change is recorded")
    }

    /// Records a change and gives the copy as it is from then on.
    pub(crate) async fn recorded(&self, transition: Transition) -> Copy {
        let recorded = self.tx(move |tx| tx.record(&transition).map(|_entry| transition.into_copy()));
        recorded.await.expect("the change is recorded")
    }

    /// Somebody asks for something now.
    pub(crate) async fn asked(&self, by: UserId) -> Asked {
        Asked {
            by,
            through: Through::Api,
            operation: self.ids.next(),
            now: self.now().await.expect("the time"),
        }
    }

    /// An administrator does something to a person.
    pub(crate) fn by(&self) -> By {
        By {
            actor: Actor::User(self.admin),
            operation: self.ids.next(),
        }
    }

    pub(crate) fn attempted(&self, job: JobId) -> Attempted {
        Attempted {
            by: Actor::Service(self.ids.next()),
            operation: uuid::Uuid::from(job).into(),
            attempt: 1,
        }
    }

    pub(crate) async fn stored(&self, copy: CopyId) -> Copy {
        let view = self
            .tx(move |tx| tx.copies().get(copy))
            .await
            .expect("the copy is read");
        view.expect("the copy is there").copy
    }
}

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

pub(crate) fn user(id: UserId, login: &str, role: Role) -> User {
    User {
        id,
        login: Login::new(&format!("{login}@school.example")).expect("a login"),
        display_name: DisplayName::new("Camille Exemple").expect("a name"),
        role,
        password_hash: Some(PasswordHash::restore("$argon2id$v=19$of$nobody")),
        must_change_password: false,
        disabled: false,
    }
}

pub(crate) fn exam(id: ExamId, correctors: Vec<UserId>) -> Exam {
    Exam {
        id,
        name: ExamName::new("Mock exam").expect("a name"),
        date: chrono::NaiveDate::from_ymd_opt(2030, 5, 17).expect("a day"),
        pages_per_copy: Some(2),
        layout: Layout::A4,
        identity_zone: None,
        correctors,
        scheme: None,
        released_at: None,
        version: 0,
    }
}

pub(crate) fn count(pages: usize) -> PageCount {
    PageCount::new(pages).expect("a number of pages")
}

pub(crate) fn page(index: u32) -> Page {
    let image = |of: &str| PageImage {
        digest: Digest::of(format!("{of} {index}").as_bytes()),
        format: ImageFormat::Jpeg,
    };
    Page {
        index: PageIndex::new(index).expect("an index"),
        size: PageSize {
            width: 595_276,
            height: 841_890,
        },
        rotation: Rotation::None,
        display: image("display"),
        thumbnail: image("thumbnail"),
        redacted: None,
        identity: None,
    }
}

/// Runs statements as one transaction of the role in the URL, and gives what the server answers to the first
/// that it refuses.
pub(crate) fn attempt(url: &str, sql: &str) -> Result<(), String> {
    let mut connection = PgConnection::establish(url).expect("the role may log in");
    connection.batch_execute(sql).map_err(|error| error.to_string())
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut so: impl FnMut() -> bool) {
    eventually(what, async || if so() { Ok(()) } else { Err("not yet") }).await;
}

/// How many migrations there are from this one on.
pub(crate) fn steps_from(first: &str) -> usize {
    let versions = migrations::versions().expect("versions");
    versions
        .iter()
        .filter(|version| version.as_str() >= first)
        .count()
}
