//! What is told when everything runs: to people on the terminal, to scripts in `dev.env`.

use std::path::PathBuf;

use crate::Failure;
use crate::dev::office::Office;
use crate::dev::prepare::{Databases, People};
use crate::dev::sample::Sample;
use crate::dev::services::Services;
use crate::dev::{Home, Servers};
use crate::stack::{BrokerUser, Error, Postgres, write_private};
use crate::terminal;

/// Everything there is to tell.
pub(super) struct Announcement<'a> {
    pub(super) home: &'a Home,
    pub(super) servers: &'a Servers,
    pub(super) databases: &'a Databases,
    pub(super) services: &'a Services,
    pub(super) people: &'a People,
    pub(super) sample: &'a Sample,
    pub(super) office: &'a Office,
}

impl Announcement<'_> {
    /// Writes `dev.env` and tells what can be done now. Gives the file.
    pub(super) fn make(&self) -> Result<PathBuf, Failure> {
        let file = self.home.path("dev.env");
        let lines: Vec<String> = self
            .variables()?
            .iter()
            .map(|(name, value)| line(name, value))
            .collect();
        let text = lines.concat();
        write_private(&file, &text)?;
        self.tell(&file);
        Ok(file)
    }

    fn variables(&self) -> Result<Vec<(&'static str, String)>, Error> {
        let Self {
            home,
            servers,
            services,
            sample,
            office,
            ..
        } = self;
        let mut variables = vec![
            ("KORRIGO_URL", services.url.clone()),
            ("KORRIGO_GATEWAY_ADMIN", services.gateway.admin.clone()),
            ("KORRIGO_GRADING_ADMIN", services.grading.admin.clone()),
            ("KORRIGO_WORKER_ADMIN", services.worker.admin.clone()),
            (
                "KORRIGO_METRICS_TOKEN",
                home.secret("metrics-token")?.expose().to_owned(),
            ),
            ("KORRIGO_GATEWAY_PID", services.gateway.id().to_string()),
            ("KORRIGO_GRADING_PID", services.grading.id().to_string()),
            ("KORRIGO_WORKER_PID", services.worker.id().to_string()),
            ("KORRIGO_DEV_PID", std::process::id().to_string()),
            ("KORRIGO_DEMO_EXAM", sample.exam.clone()),
            ("KORRIGO_DEMO_OFFICE", office.exam.clone()),
            ("KORRIGO_DEMO_COPY", sample.copy.clone()),
            ("KORRIGO_DEMO_SCAN", sample.spare.display().to_string()),
            ("KORRIGO_DEMO_CLASS", sample.class.display().to_string()),
        ];
        variables.extend(self.of_people());
        variables.extend(self.for_commands()?);
        let paths = [
            ("KORRIGO_LOG_DIR", "logs"),
            ("KORRIGO_BLOBS_DIR", "blobs"),
            ("KORRIGO_AUDIT_CHECKPOINTS", "audit/checkpoints"),
            ("KORRIGO_AUDIT_PUBLIC_KEY", "secrets/audit-key.pub"),
        ];
        variables.extend(paths.map(|(name, path)| (name, home.path(path).display().to_string())));
        if let Some(rabbitmq) = &servers.rabbitmq {
            variables.push(("AMQP_URL", rabbitmq.administrator_url()));
            variables.push(("KORRIGO_AMQP_URL", rabbitmq.url_of(BrokerUser::Operator)));
            variables.push(("KORRIGO_RABBITMQ_API", rabbitmq.api_url()));
            variables.push(("KORRIGO_RABBITMQ_METRICS", rabbitmq.metrics_url()));
            variables.extend(
                rabbitmq
                    .pid()
                    .map(|pid| ("KORRIGO_RABBITMQ_PID", pid.to_string())),
            );
        }
        let postgres = servers.postgres.as_ref().and_then(Postgres::pid);
        variables.extend(postgres.map(|pid| ("KORRIGO_POSTGRES_PID", pid.to_string())));
        Ok(variables)
    }

    /// Who can log in.
    fn of_people(&self) -> impl Iterator<Item = (&'static str, String)> {
        let People {
            admin,
            teacher,
            colleague,
            ..
        } = self.people;
        let people = [
            ("KORRIGO_ADMIN_LOGIN", "KORRIGO_ADMIN_PASSWORD", admin),
            ("KORRIGO_TEACHER_LOGIN", "KORRIGO_TEACHER_PASSWORD", teacher),
            ("KORRIGO_COLLEAGUE_LOGIN", "KORRIGO_COLLEAGUE_PASSWORD", colleague),
            (
                "KORRIGO_PUPIL_LOGIN",
                "KORRIGO_PUPIL_PASSWORD",
                &self.office.pupil,
            ),
        ];
        people.into_iter().flat_map(|(login, password, account)| {
            [
                (login, account.login.to_owned()),
                (password, account.password.expose().to_owned()),
            ]
        })
    }

    /// What `korrigo` needs.
    fn for_commands(&self) -> Result<[(&'static str, String); 8], Error> {
        let Self {
            home,
            databases,
            services,
            people,
            ..
        } = self;
        Ok([
            ("DATABASE_URL", databases.app.expose().to_owned()),
            ("KORRIGO_DATABASE_URL", databases.app.expose().to_owned()),
            ("KORRIGO_MIGRATE_URL", databases.migrate.expose().to_owned()),
            ("KORRIGO_READ_URL", databases.read.expose().to_owned()),
            ("KORRIGO_GRADING_URL", services.grading_url.clone()),
            (
                "KORRIGO_SERVICE_TOKEN",
                home.secret("service-token")?.expose().to_owned(),
            ),
            ("KORRIGO_OPERATOR", people.admin.login.to_owned()),
            ("KORRIGO_ADMIN_URLS", services.admin_urls()),
        ])
    }

    fn tell(&self, file: &std::path::Path) {
        let Self {
            services,
            people,
            office,
            ..
        } = self;
        terminal::result(format_args!(
            "\nKorrigo runs at {url}, which is an API for programs: {url}/api/v1/openapi.json describes it.\n\n  \
             administrator    {admin:<26}{admin_password}\n  \
             teacher          {teacher:<26}{teacher_password}\n  \
             another teacher  {colleague:<26}{colleague_password}\n  \
             pupil            {pupil:<26}{pupil_password}\n\n\
             Everything that scripts need is in {file}. Try, in another terminal:\n\n{try_this}\n\n\
             Traces: start a viewer that takes OTLP, such as Jaeger, then `KORRIGO_OTLP_ENDPOINT=http://127.0.0.1:4317 make run`.\n\
             Ctrl-C stops it. What it stored stays, until `make clean-dev`.",
            url = services.url,
            admin = people.admin.login,
            admin_password = people.admin.password.expose(),
            teacher = people.teacher.login,
            teacher_password = people.teacher.password.expose(),
            colleague = people.colleague.login,
            colleague_password = people.colleague.password.expose(),
            pupil = office.pupil.login,
            pupil_password = office.pupil.password.expose(),
            file = file.display(),
            try_this = try_this(file),
        ));
    }
}

/// A setting as shells read it as well.
fn line(name: &str, value: &str) -> String {
    let plain = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_./:@%,".contains(c));
    if plain {
        format!("{name}={value}\n")
    } else {
        format!("{name}='{}'\n", value.replace('\'', r"'\''"))
    }
}

/// Commands that work as they are: log in, import the spare scan, look at a page.
fn try_this(file: &std::path::Path) -> String {
    let lines = [
        format!(". {}", file.display()),
        r#"TOKEN=$(curl -s $KORRIGO_URL/api/v1/session -H 'Content-Type: application/json' -d "{\"login\":\"$KORRIGO_ADMIN_LOGIN\",\"password\":\"$KORRIGO_ADMIN_PASSWORD\"}" | sed 's/.*"token":"\([^"]*\)".*/\1/')"#.to_owned(),
        r#"curl -s -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: try-$$" -F file=@$KORRIGO_DEMO_SCAN $KORRIGO_URL/api/v1/exams/$KORRIGO_DEMO_EXAM/copies"#.to_owned(),
        r#"curl -s -H "Authorization: Bearer $TOKEN" -o page-1.jpg "$KORRIGO_URL/api/v1/copies/$KORRIGO_DEMO_COPY/pages/0?size=display""#.to_owned(),
    ];
    lines.map(|line| format!("  {line}")).join("\n")
}
