//! A grading service that runs for one test, with a teacher and an exam, and short ways to ask it.

use clap::Parser as _;
use contracts::grading as pb;
use contracts::grading::annotations_client::AnnotationsClient;
use contracts::grading::audit_client::AuditClient;
use contracts::grading::batches_client::BatchesClient;
use contracts::grading::copies_client::CopiesClient;
use contracts::grading::drafts_client::DraftsClient;
use contracts::grading::exams_client::ExamsClient;
use contracts::grading::identities_client::IdentitiesClient;
use contracts::grading::jobs_client::JobsClient;
use contracts::grading::locks_client::LocksClient;
use contracts::grading::marks_client::MarksClient;
use contracts::grading::sessions_client::SessionsClient;
use contracts::grading::work_client::WorkClient;
use contracts::{Code, MAX_MESSAGE, PresentServiceToken, Problem};
use domain::exam::{ExamName, Layout};
use domain::secret::Secret;
use domain::session::Lifetime;
use domain::{
    Digest, DisplayName, Exam, ExamId, Ids, JobId, Login, PasswordHash, Role, SessionToken, Through, User,
    UserId,
};
use service::{Lifecycle, TestHandle};
use store::{Database, Error, Tx};
use testkit::{BrokerUser, Logged, TestBroker, TestDatabase};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::worker::Worker;

/// The token by which the services know each other.
pub(crate) const SERVICE_TOKEN: &str = "the-token-of-the-services";

/// A channel that presents the token.
pub(crate) type Known = InterceptedService<Channel, PresentServiceToken>;

/// The service. Stopped when it is dropped, which also checks what must hold after any test.
pub(crate) struct Grading {
    pub(crate) database: TestDatabase,
    pub(crate) broker: TestBroker,
    /// What it logs.
    pub(crate) logged: Logged,
    pub(crate) ids: Ids,
    pub(crate) exam: ExamId,
    pub(crate) teacher: UserId,
    store: Database,
    session: SessionToken,
    channel: Channel,
    life: TestHandle,
}

impl Grading {
    /// With leases that outlive any test, so that only what the test does happens to a job.
    pub(crate) async fn start() -> Self {
        Self::start_with(&["--job-lease=1h"]).await
    }

    /// With these options, and ready.
    pub(crate) async fn start_with(options: &[&str]) -> Self {
        let logged = Logged::here();
        let (database, broker) = (TestDatabase::create(), TestBroker::create().await);
        let store = database.store().await;
        let (lifecycle, life) = Lifecycle::for_test();
        let directory = tempfile::tempdir().expect("a directory");
        let address = directory.path().join("address");
        let mut arguments = vec![
            "korrigo-grading".to_owned(),
            "--listen=127.0.0.1:0".to_owned(),
            format!("--address-file={}", address.display()),
            format!("--service-token={SERVICE_TOKEN}"),
            format!("--database-url={}", database.app_url()),
            format!("--amqp-url={}", broker.url(BrokerUser::Grading)),
        ];
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        let config = grading::Config::try_parse_from(arguments).expect("the settings are right");
        grading::build(config, lifecycle)
            .await
            .expect("the service starts");
        life.ready().await;
        let address = std::fs::read_to_string(address).expect("the service has announced its address");
        let endpoint = Endpoint::from_shared(format!("http://{}", address.trim())).expect("an address");
        let ids = Ids::time_ordered();
        let grading = Self {
            exam: ids.next(),
            teacher: ids.next(),
            session: SessionToken::random(),
            channel: endpoint.connect().await.expect("the service answers"),
            database,
            broker,
            logged,
            ids,
            store,
            life,
        };
        grading.move_in().await;
        grading
    }

    /// Adds the teacher with an open session, and an exam that they correct.
    async fn move_in(&self) {
        let hash = PasswordHash::restore("$argon2id$v=19$of$nobody");
        let teacher = user(self.teacher, "teacher@school.example", hash);
        let exam = Exam {
            id: self.exam,
            name: ExamName::new("Mock exam").expect("a name"),
            date: chrono::NaiveDate::from_ymd_opt(2030, 5, 17).expect("a day"),
            pages_per_copy: None,
            layout: Layout::A4,
            identity_zone: None,
            correctors: vec![self.teacher],
            version: 0,
            scheme: None,
            released_at: None,
        };
        self.database.add_person(&teacher);
        self.store(move |tx| tx.exams().insert(&exam)).await;
        self.open_session(&self.session).await;
    }

    /// Opens a session of the teacher without asking for a password.
    pub(crate) async fn open_session(&self, token: &SessionToken) {
        let (digest, teacher) = (token.digest(), self.teacher);
        self.store(move |tx| {
            tx.sessions()
                .insert(digest, teacher, Through::Api, Lifetime::default())?;
            Ok(())
        })
        .await;
    }

    /// Stores what no call of the service does.
    pub(crate) async fn store(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
        self.store.transaction("test", work).await.expect("it is stored");
    }

    /// The way to the service without the token.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) fn known(&self) -> Known {
        let token = PresentServiceToken::new(&Secret::new(SERVICE_TOKEN)).expect("a plain token");
        InterceptedService::new(self.channel(), token)
    }

    pub(crate) fn work(&self) -> WorkClient<Known> {
        WorkClient::new(self.known()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub(crate) fn locks(&self) -> LocksClient<Known> {
        LocksClient::new(self.known())
    }

    pub(crate) fn marks(&self) -> MarksClient<Known> {
        MarksClient::new(self.known())
    }

    pub(crate) fn annotations(&self) -> AnnotationsClient<Known> {
        AnnotationsClient::new(self.known()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub(crate) fn drafts(&self) -> DraftsClient<Known> {
        DraftsClient::new(self.known())
    }

    pub(crate) fn copies(&self) -> CopiesClient<Known> {
        CopiesClient::new(self.known())
    }

    pub(crate) fn exams(&self) -> ExamsClient<Known> {
        ExamsClient::new(self.known())
    }

    pub(crate) fn jobs(&self) -> JobsClient<Known> {
        JobsClient::new(self.known())
    }

    pub(crate) fn batches(&self) -> BatchesClient<Known> {
        BatchesClient::new(self.known())
    }

    pub(crate) fn identities(&self) -> IdentitiesClient<Known> {
        IdentitiesClient::new(self.known())
    }

    pub(crate) fn audit(&self) -> AuditClient<Known> {
        AuditClient::new(self.known())
    }

    pub(crate) fn sessions(&self) -> SessionsClient<Known> {
        SessionsClient::new(self.known())
    }

    /// One more worker.
    pub(crate) fn worker(&self) -> Worker {
        Worker::new(self.work(), self.ids.next())
    }

    /// A question of the teacher.
    pub(crate) fn signed<T>(&self, message: T) -> Request<T> {
        signed(message, self.session.expose())
    }

    /// A question of an administrator.
    pub(crate) async fn signed_by_admin<T>(&self, message: T) -> Request<T> {
        let (token, id): (SessionToken, UserId) = (SessionToken::random(), self.ids.next());
        let hash = PasswordHash::restore("$argon2id$v=19$of$nobody");
        let admin = User {
            role: Role::Admin,
            ..user(id, &format!("admin-{id}@school.example"), hash)
        };
        let digest = token.digest();
        self.database.add_person(&admin);
        self.store(move |tx| {
            tx.sessions()
                .insert(digest, id, Through::Api, Lifetime::default())?;
            Ok(())
        })
        .await;
        signed(message, token.expose())
    }

    /// The registration of a copy made of these bytes, under an idempotency key.
    pub(crate) fn registration(&self, source: &[u8], key: &str) -> pb::RegisterCopyRequest {
        pb::RegisterCopyRequest {
            exam_id: self.exam.to_string(),
            source_digest: Digest::of(source).to_string(),
            source_bytes: 1_000,
            idempotency_key: key.to_owned(),
        }
    }

    /// A copy in STAGING whose import has not begun.
    pub(crate) async fn registered(&self) -> pb::RegisterCopyReply {
        let key: JobId = self.ids.next();
        let key = key.to_string();
        let request = self.signed(self.registration(key.as_bytes(), &key));
        let answer = self.copies().register(request).await;
        answer.expect("the copy is registered").into_inner()
    }

    /// The job, as the teacher sees it.
    pub(crate) async fn job(&self, id: &str) -> pb::Job {
        let request = self.signed(pb::GetJobRequest { id: id.to_owned() });
        let answer = self.jobs().get(request).await;
        answer.expect("the teacher may see the job").into_inner()
    }

    /// The copy, as the teacher sees it.
    pub(crate) async fn copy(&self, id: &str) -> pb::Copy {
        let request = self.signed(pb::GetCopyRequest { id: id.to_owned() });
        let answer = self.copies().get(request).await;
        answer.expect("the teacher may see the copy").into_inner()
    }

    /// The audit trail of the copy, as the teacher sees it.
    pub(crate) async fn events(&self, copy: &str) -> Vec<pb::Event> {
        let request = self.signed(pb::ListEventsRequest {
            copy_id: copy.to_owned(),
            cursor: String::new(),
            limit: 100,
        });
        let answer = self.copies().list_events(request).await;
        answer.expect("the teacher may see the trail").into_inner().events
    }

    /// The number of rows that `rest` of a query from the schema finds.
    pub(crate) fn rows(&self, rest: &str) -> i64 {
        self.database
            .count(&format!("SELECT count(*) FROM grading.{rest}"))
    }

    /// Moves the next attempt of all waiting jobs: time is the database's, so this is the clock.
    pub(crate) fn next_attempt(&self, at: &str) {
        self.database.run(&format!(
            "UPDATE grading.jobs SET next_attempt_at = {at} WHERE state = 'QUEUED'"
        ));
    }
}

impl Drop for Grading {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(!self.life.is_broken(), "a task of the service has ended");
            assert_eq!(self.database.verify_chains(), Ok(()));
        }
        self.life.stop();
    }
}

/// A teacher with access.
pub(crate) fn user(id: UserId, login: &str, password_hash: PasswordHash) -> User {
    User {
        id,
        login: Login::new(login).expect("a login"),
        display_name: DisplayName::new("Camille Exemple").expect("a name"),
        role: Role::Teacher,
        password_hash: Some(password_hash),
        must_change_password: false,
        disabled: false,
    }
}

/// A question that comes with this session.
pub(crate) fn signed<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().expect("a plain token");
    request.metadata_mut().insert("authorization", value);
    request
}

/// Why the service did not do it.
pub(crate) fn problem<T>(answer: Result<Response<T>, Status>) -> Problem {
    match answer {
        Ok(_) => panic!("it was not refused"),
        Err(status) => Problem::from(&status),
    }
}

/// The code of why the service did not do it.
pub(crate) fn code<T>(answer: Result<Response<T>, Status>) -> Code {
    problem(answer).code
}
