//! The options of commands that change something in the name of a person.

use clap::Args;
use contracts::{Code, PresentServiceToken};
use domain::RequestId;
use domain::secret::Secret;
use service::config::token;
use service::link::Callee;
use tonic::{Response, Status};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::operator::{Error, Line, act};

/// What to do where the services do not know the token.
const TOKEN: &str = "check KORRIGO_SERVICE_TOKEN";

/// Who changes something.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Who does it: the login of an administrator. The trail says so.
    #[arg(long = "operator", env = "KORRIGO_OPERATOR")]
    pub(super) login: String,
}

/// Who changes something, and through which service.
#[derive(Debug, Args)]
pub(super) struct AsOperator {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    grading: Callee,
    /// The token by which Korrigo's services know each other.
    #[arg(long, env = "KORRIGO_SERVICE_TOKEN", hide_env_values = true, value_parser = token)]
    service_token: Secret,
    #[command(flatten)]
    operator: Named,
}

impl AsOperator {
    /// Does `work` in the operator's name, and says under which request id it can be found.
    pub(super) fn act<T>(
        &self,
        work: impl AsyncFnOnce(Line) -> Result<Response<T>, Status>,
    ) -> Result<(T, RequestId), Failure> {
        block_on(self.acting(work))
    }

    /// The same as part of something longer.
    pub(super) async fn acting<T>(
        &self,
        work: impl AsyncFnOnce(Line) -> Result<Response<T>, Status>,
    ) -> Result<(T, RequestId), Failure> {
        let link = self.grading.link();
        let link = link.map_err(|invalid| {
            Failure::new(invalid, "docs/operations.md says how services show certificates")
        })?;
        let token = PresentServiceToken::new(&self.service_token);
        let token = token.ok_or_else(|| Failure::from(Error::Token))?;
        let database = self.database.connect().await?;
        Ok(act(&database, (link, token), &self.operator.login, work).await?)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (code, advice) = match error {
            Error::Store(error) => return error.into(),
            Error::Nobody => (
                "operator",
                "give the login of the person who does this, with --operator",
            ),
            Error::Token => ("service_token", TOKEN),
            Error::Refused(code @ (Code::Unavailable | Code::Timeout)) => (
                code.as_str(),
                "see whether the grading service runs and is ready: `korrigo status`; with certificates, whether it logs `tls.refused`",
            ),
            Error::Refused(code @ Code::Unauthenticated) => (code.as_str(), TOKEN),
            Error::Refused(code @ Code::NotFound) => (code.as_str(), "check the id"),
            Error::Refused(code) => (
                code.as_str(),
                "docs/errors.md says what this code means; `korrigo diagnose` how things are",
            ),
        };
        Self::new(error, advice).called(code)
    }
}
