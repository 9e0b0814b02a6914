//! The dump of the database, by PostgreSQL's own programs.
//!
//! They are given the password in their environment, and act as the owner of the schema like migrations do. What they
//! say is not shown beyond its beginning: a server's answer may quote rows.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use domain::secret::Secret;
use domain::{Login, UserId};
use reqwest::Url;

use crate::backup::files::{Written, each_piece};
use crate::backup::people::People;
use crate::backup::{Error, Whole};
use crate::stack::newest_postgres;

/// How much is kept of what a program says.
const SAID: u64 = 4096;
/// The parameters of an address that nobody else may see. For those but the first there is no variable.
const SECRETS: [&str; 3] = ["password", "sslpassword", "oauth_client_secret"];

/// Where PostgreSQL's programs are.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// Their directory, if it is none of those where they usually are.
    pub directory: Option<PathBuf>,
}

impl Tools {
    /// Dumps the schema as it is in a snapshot to a new file.
    pub(crate) fn dump(&self, url: &Secret, snapshot: &str, mut to: Written) -> Result<Whole, Error> {
        const PROGRAM: &str = "pg_dump";
        let mut command = self.command(PROGRAM, url)?;
        command.arg(format!("--snapshot={snapshot}"));
        // Rows that even the owner may only read, it may read.
        command.args(["--format=custom", "--schema=grading", "--enable-row-security"]);
        let mut child = start(PROGRAM, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let errors = listen(&mut child);
        if let Some(mut dumped) = child.stdout.take() {
            let path = to.path().to_owned();
            each_piece(&mut dumped, &path, |piece| to.add(piece))?;
        }
        ended(PROGRAM, child, errors)?;
        to.finish()
    }

    /// Brings a dump into an empty database, whole or not at all.
    pub(crate) fn restore(&self, url: &Secret, from: &Path) -> Result<(), Error> {
        const PROGRAM: &str = "pg_restore";
        let mut command = self.command(PROGRAM, url)?;
        command.args(["--single-transaction", "--exit-on-error", "--no-owner"]);
        command.arg(from);
        let mut child = start(PROGRAM, command.stdin(Stdio::null()).stdout(Stdio::null()))?;
        let errors = listen(&mut child);
        ended(PROGRAM, child, errors)
    }

    /// The administrator who had this login when the dump was made, by its own words: no database is asked.
    pub(crate) fn administrator(&self, dump: &Path, login: &str) -> Result<UserId, Error> {
        const PROGRAM: &str = "pg_restore";
        let login = Login::new(login).ok_or(Error::Operator)?;
        let mut command = self.program(PROGRAM);
        command.args(["--data-only", "--schema=grading", "--table=users", "--file=-"]);
        command.arg(dump);
        let mut child = start(PROGRAM, command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let errors = listen(&mut child);
        let mut people = People::named(&login);
        let said = child.stdout.take().into_iter();
        // What cannot be read of it, it is asked about when it has ended.
        for line in said.flat_map(|said| BufReader::new(said).lines().map_while(Result::ok)) {
            people.read(&line);
        }
        ended(PROGRAM, child, errors)?;
        people.administrator.ok_or(Error::Operator)
    }

    fn command(&self, program: &'static str, url: &Secret) -> Result<Command, Error> {
        let (address, password) = parted(url)?;
        let mut command = self.program(program);
        command.arg(format!("--dbname={address}")).arg("--no-password");
        command.arg("--role=korrigo_owner");
        if let Some(password) = password {
            command.env("PGPASSWORD", password.expose());
        }
        Ok(command)
    }

    fn program(&self, name: &'static str) -> Command {
        let directory = self.directory.clone().or_else(|| newest_postgres(name));
        let path = directory.map_or_else(|| name.into(), |directory| directory.join(name));
        let mut command = Command::new(path);
        // Its sentences are cut by their English words.
        command.env("LC_ALL", "C");
        command
    }
}

/// That the address of a database can be given to a program without its secrets.
pub(crate) fn require_hidden(url: &Secret) -> Result<(), Error> {
    parted(url).map(drop)
}

/// The address without its password, which the list of processes would show, and the password.
fn parted(url: &Secret) -> Result<(String, Option<Secret>), Error> {
    let mut url = Url::parse(url.expose()).map_err(|_other_form| Error::Address)?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(Error::Address);
    }
    let is_given = |secret: &&str| url.query_pairs().any(|(name, _)| name == *secret);
    if let Some(secret) = SECRETS.into_iter().find(is_given) {
        return Err(Error::Exposed(secret));
    }
    let Some(password) = url.password().map(str::to_owned) else {
        return Ok((url.to_string(), None));
    };
    url.set_password(None).map_err(|()| Error::Address)?;
    let address = url.to_string();
    // What is decoded in a query is decoded in the same way, but for this sign.
    url.set_query(Some(&format!("password={}", password.replace('+', "%2B"))));
    let password = url
        .query_pairs()
        .next()
        .map(|(_, password)| Secret::new(&password));
    Ok((address, password))
}

fn start(program: &'static str, command: &mut Command) -> Result<Child, Error> {
    let child = command.stderr(Stdio::piped()).spawn();
    child.map_err(|source| Error::Missing { program, source })
}

type Listener = Option<thread::JoinHandle<Vec<u8>>>;

/// Reads what a program says while its output is read elsewhere, so that it never waits for either.
fn listen(child: &mut Child) -> Listener {
    let mut errors = child.stderr.take()?;
    Some(thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read has not been said; the rest is only read to its end.
        drop((&mut errors).take(SAID).read_to_end(&mut said));
        drop(std::io::copy(&mut errors, &mut std::io::sink()));
        said
    }))
}

fn ended(program: &'static str, mut child: Child, errors: Listener) -> Result<(), Error> {
    let status = child
        .wait()
        .map_err(|source| Error::Missing { program, source })?;
    if status.success() {
        return Ok(());
    }
    let said = errors
        .and_then(|listener| listener.join().ok())
        .unwrap_or_default();
    Err(Error::GaveUp {
        program,
        said: beginning(&String::from_utf8_lossy(&said)),
    })
}

/// The first line, without what the server said.
fn beginning(said: &str) -> String {
    let line = said.lines().next().unwrap_or_default();
    let own = line.split(" ERROR:").next().unwrap_or_default();
    own.trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address_and_decoded() {
        let (address, password) = parted(&Secret::new(
            "postgres://korrigo_migrate:a%40b%2Fc+d%25@127.0.0.1:5433/korrigo?sslmode=require",
        ))
        .unwrap();
        assert_eq!(
            address,
            "postgres://korrigo_migrate@127.0.0.1:5433/korrigo?sslmode=require"
        );
        assert_eq!(password.unwrap().expose(), "a@b/c+d%");
        let (address, password) = parted(&Secret::new("postgres:///korrigo?host=/run/postgresql")).unwrap();
        assert_eq!(address, "postgres:///korrigo?host=/run/postgresql");
        assert!(password.is_none());
    }

    #[test]
    fn what_cannot_be_kept_off_the_command_line_is_refused_and_named() {
        for (url, secret) in [
            ("postgres://host/korrigo?password=secret", "password"),
            (
                "postgres://host/korrigo?sslmode=require&sslpassword=secret",
                "sslpassword",
            ),
            ("postgres://host/korrigo?ssl%70assword=secret", "sslpassword"),
            (
                "postgres://me:secret@host/korrigo?oauth_client_secret=secret",
                "oauth_client_secret",
            ),
        ] {
            let refused = parted(&Secret::new(url)).unwrap_err();
            assert!(
                matches!(refused, Error::Exposed(named) if named == secret),
                "{url}"
            );
            assert!(!format!("{refused} {}", refused.advice()).contains("=secret"));
        }
        for url in ["host=127.0.0.1 password=secret", "http://host/"] {
            assert!(matches!(parted(&Secret::new(url)), Err(Error::Address)), "{url}");
        }
    }

    #[test]
    fn no_argument_of_a_program_has_the_password() {
        let url = Secret::new("postgres://me:secret@127.0.0.1/korrigo?sslkey=key.pem");
        let command = Tools::default().command("pg_dump", &url).unwrap();
        let mut arguments = command.get_args().map(|argument| argument.to_string_lossy());
        assert!(arguments.all(|argument| !argument.contains("secret")));
        let mut variables = command.get_envs();
        assert!(variables.any(|(name, value)| name == "PGPASSWORD" && value == Some("secret".as_ref())));
    }

    #[test]
    fn nothing_of_a_row_is_repeated() {
        let said = "pg_restore: error: COPY failed for table \"users\": ERROR:  invalid input: \"marie\"\nCONTEXT: marie";
        assert_eq!(
            beginning(said),
            "pg_restore: error: COPY failed for table \"users\""
        );
    }
}
